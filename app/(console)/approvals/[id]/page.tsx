import type { Metadata } from "next";
import { ApprovalView } from "#components/authorization/approval-view.tsx";

export const metadata: Metadata = { title: "Approval" };

export default async function ApprovalPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <ApprovalView id={id} />;
}
