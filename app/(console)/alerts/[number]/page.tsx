import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { AlertDetail } from "#components/monitoring/alert-detail.tsx";

type Props = { params: Promise<{ number: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `AL-${(await params).number}` };
}

export default async function AlertPage({ params }: Props) {
  const { number } = await params;
  if (!/^[1-9]\d{0,8}$/.test(number)) notFound();
  return <AlertDetail number={Number(number)} />;
}
