import type { Metadata } from "next";
import { EnrolAgentView } from "#components/agent/enrolment/enrol-agent-view.tsx";

export const metadata: Metadata = { title: "Register an agent" };

export default function EnrolAgentPage() {
  return <EnrolAgentView />;
}
