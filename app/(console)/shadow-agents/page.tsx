import type { Metadata } from "next";
import { ShadowAgentsView } from "#components/identity/shadow-agents-view.tsx";

export const metadata: Metadata = { title: "Shadow agents" };

export default function ShadowAgentsPage() {
  return <ShadowAgentsView />;
}
