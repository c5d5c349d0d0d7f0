import type { Metadata } from "next";
import { ApprovalsView } from "#components/authorization/approvals-view.tsx";

export const metadata: Metadata = { title: "Approvals" };

export default function ApprovalsPage() {
  return <ApprovalsView />;
}
