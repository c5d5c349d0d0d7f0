import type { Metadata } from "next";
import { BehaviourView } from "#components/monitoring/overview/behaviour-view.tsx";

export const metadata: Metadata = { title: "Behaviour" };

export default function BehaviourPage() {
  return <BehaviourView />;
}
