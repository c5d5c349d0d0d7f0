import type { Metadata } from "next";
import { EntryPage } from "#components/access/entry-page.tsx";
import { SetupForm } from "#components/access/setup-form.tsx";

export const metadata: Metadata = { title: "Set up", referrer: "no-referrer" };

type Props = { searchParams: Promise<{ token?: string | string[] }> };

export default async function SetupPage({ searchParams }: Props) {
  const { token } = await searchParams;
  return (
    <EntryPage>
      <SetupForm token={typeof token === "string" ? token : null} />
    </EntryPage>
  );
}
