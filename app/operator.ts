import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import type { Operator } from "#components/shell/operator.tsx";
import { readInstallation } from "#server/access/read-me.ts";
import { readSession } from "#server/access/read-session.ts";
import { getRuntime } from "#server/trpc/runtime.ts";

/** Who is signed in, for a page; null for nobody. One read for each request. */
export const readOperator = cache(async (): Promise<Operator | null> => {
  const { auth, db } = getRuntime();
  const found = await readSession(await auth(), db, await headers(), new Date());
  if (!found) return null;
  return {
    id: found.actor.id,
    name: found.session.userName,
    email: found.actor.email,
    roles: found.actor.roles,
    hasTotp: found.session.hasTotp,
    ...(await readInstallation(db)),
  };
});

/** The person signed in; anybody else is led to sign-in. */
export async function requireOperator(): Promise<Operator> {
  const operator = await readOperator();
  if (!operator) redirect("/sign-in");
  return operator;
}
