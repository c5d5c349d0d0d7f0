import type { Metadata } from "next";
import { AgentsView } from "#components/identity/agents-view.tsx";

export const metadata: Metadata = { title: "Agents" };

export default function AgentsPage() {
  return <AgentsView />;
}
