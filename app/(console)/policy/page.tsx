import type { Metadata } from "next";
import { PolicyView } from "#components/authorization/policy/policy-view.tsx";

export const metadata: Metadata = { title: "Scope policy" };

export default function PolicyPage() {
  return <PolicyView />;
}
