import type { Metadata } from "next";
import { RulesView } from "#components/monitoring/rules/rules-view.tsx";

export const metadata: Metadata = { title: "Detection rules" };

export default function RulesPage() {
  return <RulesView />;
}
