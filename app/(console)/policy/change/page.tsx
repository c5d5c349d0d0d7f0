import type { Metadata } from "next";
import { ChangePolicyView } from "#components/authorization/policy/change-policy-view.tsx";

export const metadata: Metadata = { title: "Change the scope policy" };

export default function ChangePolicyPage() {
  return <ChangePolicyView />;
}
