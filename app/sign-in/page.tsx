import type { Metadata } from "next";
import { EntryPage } from "#components/access/entry-page.tsx";
import { SignInForm } from "#components/access/sign-in-form.tsx";

export const metadata: Metadata = { title: "Sign in" };

type Props = { searchParams: Promise<{ next?: string | string[] }> };

export default async function SignInPage({ searchParams }: Props) {
  const { next } = await searchParams;
  return (
    <EntryPage>
      <SignInForm next={typeof next === "string" ? next : undefined} />
    </EntryPage>
  );
}
