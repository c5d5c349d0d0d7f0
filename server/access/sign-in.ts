import { and, eq, lt } from "drizzle-orm";
import { z } from "zod";
import type { Database, Tx } from "../../db/client.ts";
import { sessions, users } from "../../db/schema/index.ts";
import type { Env } from "../env.ts";
import { UnauthenticatedError, VigilError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { createAuth, PASSWORD_LENGTH_MAX } from "./auth.ts";
import { countAttempt, forgiveAttempt } from "./count-attempt.ts";
import { parseRoles } from "./roles.ts";

/** Wrong passwords for one account, from one caller and from all together, before waiting starts. */
const FAILURES_MAX = { perCaller: 10, perAccount: 50 };
const FAILURE_WINDOW_SECONDS = 15 * 60;
/** Failed sign-ins to accounts that do not exist: so many records a minute, the rest as a number in the next. */
const UNKNOWN_RECORDS_MAX = 6;
const UNKNOWN_WINDOW_SECONDS = 60;

export const signInInput = z.object({
  email: z.email().max(254),
  password: z.string().min(1).max(PASSWORD_LENGTH_MAX),
  rememberMe: z.boolean().optional(),
});

type Door = {
  db: Database;
  env: Pick<Env, "publicUrl">;
  secret: string;
  now: Date;
  clientIp: string | null;
  userAgent: string | null;
};

/**
 * Signs a person in with e-mail address and password. The session, its cookie and the audit record are one
 * transaction. A wrong password, an unknown and a disabled account get the same answer in the same time.
 *
 * @returns better-auth's response, with the session cookie.
 * @throws UnauthenticatedError `wrong_credentials`; VigilError `too_many_attempts` (429).
 */
export async function signIn(door: Door, input: z.infer<typeof signInInput>): Promise<Response> {
  const email = input.email.toLowerCase();
  await claimAttempt(door, email);
  const answer = await door.db
    .transaction((tx) => openSession(tx, door, { ...input, email }))
    .catch((error: unknown) => {
      if (error instanceof WrongCredentials) return null;
      throw error;
    });
  if (answer) {
    for (const [key] of failureKeys(door, email)) await forgiveAttempt(door.db, key);
    return answer;
  }
  await recordFailure(door, email);
  throw new UnauthenticatedError("wrong_credentials", "The e-mail address or the password is not right.");
}

/** Undoes the transaction of a sign-in that is not to be. */
class WrongCredentials extends Error {}

/** @throws WrongCredentials where the password is wrong, or the account is unknown or disabled. */
async function openSession(tx: Tx, door: Door, input: z.infer<typeof signInInput>): Promise<Response> {
  const answer = await createAuth(tx, door.env, door.secret).handler(signInRequest(door, input));
  if (answer.status >= 500) throw new Error(`the sign-in library answered ${answer.status}`);
  if (!answer.ok) throw new WrongCredentials();
  const { user } = (await answer.clone().json()) as { user: { id: string } };
  const [person] = await tx.select().from(users).where(eq(users.id, user.id));
  if (!person || person.disabledAt) throw new WrongCredentials();
  await tx.delete(sessions).where(and(eq(sessions.userId, person.id), lt(sessions.expiresAt, door.now)));
  await appendRecord(tx, {
    kind: "operator.signed-in",
    actor: {
      type: "operator",
      id: person.id,
      email: person.email,
      roles: parseRoles(person.roles),
      sessionId: null,
    },
    now: door.now,
    outcome: "allow",
    details: { method: "password", ip: door.clientIp, userAgent: door.userAgent?.slice(0, 200) },
  });
  return answer;
}

/** What better-auth is asked: our own request, so that it sees nothing of the caller's but the credentials. */
function signInRequest(door: Door, body: z.infer<typeof signInInput>): Request {
  const { origin } = new URL(door.env.publicUrl);
  return new Request(`${origin}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin, "user-agent": door.userAgent ?? "" },
    body: JSON.stringify(body),
  });
}

function failureKeys(door: Door, email: string): [key: string, max: number][] {
  return [
    [`sign-in/${email}/${door.clientIp ?? "unknown"}`, FAILURES_MAX.perCaller],
    [`sign-in/${email}`, FAILURES_MAX.perAccount],
  ];
}

/** Counts the attempt before the password is looked at: however many guess at once, so many are looked at. */
async function claimAttempt(door: Door, email: string): Promise<void> {
  for (const [key, max] of failureKeys(door, email)) {
    const { count, endsAt } = await countAttempt(door.db, key, FAILURE_WINDOW_SECONDS, door.now);
    if (count <= max) continue;
    throw new VigilError(
      "too_many_attempts",
      429,
      `Too many wrong passwords for this account. Try again after ${endsAt.toISOString().slice(11, 16)} UTC.`,
      { retryAt: endsAt.toISOString() },
    );
  }
}

/** Records the failure; what nobody's account explains is recorded in bounded numbers only. */
async function recordFailure(door: Door, email: string): Promise<void> {
  const { db, now } = door;
  await db.transaction(async (tx) => {
    const [person] = await tx.select({ id: users.id }).from(users).where(eq(users.email, email));
    let unrecorded = 0;
    if (!person) {
      const unknown = await countAttempt(tx, "sign-in-unknown", UNKNOWN_WINDOW_SECONDS, now);
      if (unknown.count > UNKNOWN_RECORDS_MAX) return;
      unrecorded = Math.max(0, unknown.before - UNKNOWN_RECORDS_MAX);
    }
    await appendRecord(tx, {
      kind: "operator.sign-in-refused",
      actor: { type: "system", id: "console" },
      now,
      outcome: "deny",
      details: { account: person ? email : "unknown", userId: person?.id, ip: door.clientIp, unrecorded },
      subjects: person ? [email] : [],
    });
  });
}
