import type { Metadata } from "next";
import { BehaviourPage } from "#components/monitoring/behaviour-page.tsx";

type Props = { params: Promise<{ name: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Behaviour of ${(await params).name}` };
}

export default async function AgentBehaviourPage({ params }: Props) {
  return <BehaviourPage name={(await params).name} />;
}
