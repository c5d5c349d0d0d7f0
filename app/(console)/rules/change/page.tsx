import type { Metadata } from "next";
import { ChangeRuleView } from "#components/monitoring/rules/change-rule-view.tsx";

export const metadata: Metadata = { title: "Change a rule" };

export default function ChangeRulePage() {
  return <ChangeRuleView />;
}
