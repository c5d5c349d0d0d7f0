import type { Metadata } from "next";
import { AuthoritiesView } from "#components/identity/authorities-view.tsx";

export const metadata: Metadata = { title: "Certificate authorities" };

export default function AuthoritiesPage() {
  return <AuthoritiesView />;
}
