import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Database, Tx } from "../../db/client.ts";
import { installation, users } from "../../db/schema/index.ts";
import { UnauthenticatedError } from "../kernel/errors.ts";
import { PERMISSIONS, type Permission } from "./permissions.ts";
import type { OperatorSession } from "./read-session.ts";
import { permissionsOf } from "./roles.ts";
import { STEP_UP_MINUTES } from "./step-up.ts";
import type { VerbContext } from "./verb-context.ts";

/** Who is signed in, what they may do, and which installation they look at. */
export const me = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  roles: z.array(z.string()).readonly(),
  permissions: z.array(z.enum(Object.keys(PERMISSIONS) as [Permission, ...Permission[]])),
  hasTotp: z.boolean(),
  /** Until when the second factor counts; null where it does not. */
  steppedUpUntil: z.date().nullable(),
  sessionExpiresAt: z.date().nullable(),
  /** `demo` or `live`. */
  installation: z.string(),
  timeZone: z.string(),
});
export type Me = z.infer<typeof me>;

/** The caller. @throws UnauthenticatedError `not_signed_in` for anything but an operator. */
export async function readMe(ctx: VerbContext & { session: OperatorSession | null }): Promise<Me> {
  const { db, actor, now, session } = ctx;
  if (actor.type !== "operator")
    throw new UnauthenticatedError("not_signed_in", "Sign in, or send an API key as a Bearer token.");
  const [person] = await db.select().from(users).where(eq(users.id, actor.id));
  const place = await readInstallation(db);
  const until = session?.steppedUpAt
    ? new Date(session.steppedUpAt.getTime() + STEP_UP_MINUTES * 60_000)
    : null;
  return {
    id: actor.id,
    name: person?.name ?? actor.email,
    email: actor.email,
    roles: actor.roles,
    permissions: permissionsOf(actor.roles),
    hasTotp: person?.twoFactorEnabled === true,
    steppedUpUntil: until && until > now ? until : null,
    sessionExpiresAt: session?.expiresAt ?? null,
    ...place,
  };
}

/** What kind of installation this is, and the bank's zone. */
export async function readInstallation(
  db: Database | Tx,
): Promise<{ installation: string; timeZone: string }> {
  const [row] = await db.select().from(installation);
  return { installation: row?.kind ?? "live", timeZone: row?.timeZone ?? "UTC" };
}
