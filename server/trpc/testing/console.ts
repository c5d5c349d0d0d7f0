import { randomBytes, randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { createAuth } from "../../access/auth.ts";
import { insertUser, passwordHash } from "../../access/insert-user.ts";
import { loadAuthSecret } from "../../access/load-auth-secret.ts";
import type { Role } from "../../access/permissions.ts";
import { readEnv } from "../../env.ts";
import { answerAuth } from "../answer-auth.ts";
import type { Context, OperatorActor } from "../context.ts";
import { createEventHub } from "../event-hub.ts";
import { createLiveStreams } from "../live-streams.ts";
import type { Runtime } from "../runtime.ts";

export const ORIGIN = "http://localhost:3000";
export const PASSWORD = "correct horse battery staple";

/** A console over a database of its own, without Next: its doors are called as functions. */
export type TestConsole = {
  runtime: Runtime;
  database: TestDatabase;
  /** A person with these roles and PASSWORD. */
  addUser: (roles: readonly Role[]) => Promise<{ id: string; email: string }>;
  /** Signs in through the real door; the Cookie header's value. */
  cookieOf: (email: string, now?: Date) => Promise<string>;
  /** Audit records of a kind, oldest first, as they were written. */
  records: (kind: string) => Promise<Record<string, unknown>[]>;
  close: () => Promise<void>;
};

export async function createTestConsole(): Promise<TestConsole> {
  const database = await createTestDatabase();
  const env = readEnv({
    NODE_ENV: "test",
    DATABASE_URL: database.urls.app,
    VIGIL_KEK: randomBytes(32).toString("hex"),
  });
  const { db } = database;
  const secret = await loadAuthSecret(db, env, new Date());
  const events = createEventHub(database.urls.app);
  const auth = createAuth(db, env, secret);
  const runtime: Runtime = {
    env,
    db,
    authSecret: async () => secret,
    auth: async () => auth,
    live: createLiveStreams(db, events),
  };
  const hash = await passwordHash(PASSWORD);
  return {
    runtime,
    database,
    addUser: async (roles) => {
      const email = `${roles.join("-") || "nobody"}-${randomUUID().slice(0, 8)}@bank.example`;
      const id = await db.transaction((tx) =>
        insertUser(tx, { name: email, email, roles, passwordHash: hash, now: new Date() }),
      );
      return { id, email };
    },
    cookieOf: async (email, now = new Date()) => {
      const answer = await answerAuth(
        runtime,
        post("/api/auth/sign-in/email", { email, password: PASSWORD }),
        now,
      );
      if (!answer.ok) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`);
      return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    },
    records: async (kind) => {
      const { rows } = await db.execute<{ body: Buffer }>(
        sql`select body from audit_records where kind = ${kind} order by xid, ord`,
      );
      return rows.map(({ body }) => JSON.parse(body.toString("utf8")));
    },
    close: async () => {
      await events.close();
      await database.close();
    },
  };
}

/** A JSON POST as the console's own page sends it. */
export function post(path: string, body: unknown, headers: Record<string, string> = {}): Request {
  return new Request(`${ORIGIN}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      origin: ORIGIN,
      host: "localhost:3000",
      "sec-fetch-site": "same-origin",
      ...headers,
    },
    body: JSON.stringify(body),
  });
}

export function get(path: string, headers: Record<string, string> = {}): Request {
  return new Request(`${ORIGIN}${path}`, { headers });
}

/** A caller's context made by hand, for tests of procedures and verbs: signed in and stepped up unless told otherwise. */
export function contextAs(
  runtime: Pick<Runtime, "db" | "env">,
  roles: readonly Role[],
  over: { id?: string; now?: Date; steppedUp?: boolean; apiKey?: boolean } = {},
): Context & { actor: OperatorActor } {
  const now = over.now ?? new Date();
  const id = over.id ?? randomUUID();
  const sessionId = over.apiKey ? null : randomUUID();
  const actor: OperatorActor = { type: "operator", id, email: `${id}@bank.example`, roles, sessionId };
  if (over.apiKey) actor.apiKeyId = randomUUID();
  const steppedUp = over.steppedUp ?? true;
  return {
    db: runtime.db,
    env: runtime.env,
    now,
    actor,
    session: sessionId
      ? {
          id: sessionId,
          userId: id,
          userName: id,
          startedAt: now,
          expiresAt: new Date(now.getTime() + 3_600_000),
          steppedUpAt: steppedUp ? now : null,
          stepUpMethod: steppedUp ? "totp" : null,
          hasTotp: true,
        }
      : null,
  };
}
