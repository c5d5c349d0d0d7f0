import { headers } from "next/headers";
import { redirect } from "next/navigation";
import type { Operator } from "#components/shell/operator.tsx";
import { readInstallation } from "#server/access/read-me.ts";
import { getPageContext } from "./server-trpc.tsx";

/** The person signed in, for a page; anybody else is led to sign-in. */
export async function requireOperator(): Promise<Operator> {
  const { actor, session, db } = await getPageContext();
  if (!actor || !session) {
    const here = (await headers()).get("x-path");
    redirect(here && here !== "/" ? `/sign-in?next=${encodeURIComponent(here)}` : "/sign-in");
  }
  return {
    id: actor.id,
    name: session.userName,
    email: actor.email,
    roles: actor.roles,
    hasTotp: session.hasTotp,
    ...(await readInstallation(db)),
  };
}
