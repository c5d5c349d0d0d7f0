import type { Metadata } from "next";
import { DutiesView } from "#components/duties/duties-view.tsx";

export const metadata: Metadata = { title: "Separation of duties" };

export default function DutiesPage() {
  return <DutiesView />;
}
