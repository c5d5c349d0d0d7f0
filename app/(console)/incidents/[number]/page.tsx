import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { IncidentView } from "#components/incidents/incident-view.tsx";
import { getPageQueryClient, HydrateClient, pageTrpc } from "../../../server-trpc.tsx";

type Props = { params: Promise<{ number: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `INC-${(await params).number.padStart(4, "0")}` };
}

export default async function IncidentPage({ params }: Props) {
  const { number } = await params;
  if (!/^[1-9]\d{0,8}$/.test(number)) notFound();
  await getPageQueryClient().prefetchQuery(pageTrpc.incidents.get.queryOptions({ number: Number(number) }));
  return (
    <HydrateClient>
      <IncidentView number={Number(number)} />
    </HydrateClient>
  );
}
