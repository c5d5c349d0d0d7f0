import { randomBytes } from "node:crypto";
import pino from "pino";
import type { TestDatabase } from "../../../../db/testing/test-database.ts";
import type { VerbContext } from "../../../access/verb-context.ts";
import { type Env, readEnv } from "../../../env.ts";
import { enrolAgent } from "../../../flows/enrol-agent.ts";
import { ensureAuthorities } from "../../../flows/ensure-authorities.ts";
import type { Actor } from "../../../kernel/actor.ts";
import { createKeyStore, type KeyStore } from "../../../keys/key-store.ts";
import { type KeyRole, roleKek } from "../../../keys/role-kek.ts";
import { issueCertificates } from "../../../worker/issue-certificates.ts";
import { runDuties } from "../../../worker/run-duties.ts";
import { createJoinToken } from "../create-join-token.ts";
import { registerAgent } from "../register-agent.ts";
import type { EnrolmentAnswer, Purpose, RegisterAgentInput } from "../schema.ts";
import { makeCsrSet, type TestKey } from "./make-csr.ts";

export const ADMIN: Actor = {
  type: "operator",
  id: "test-admin",
  email: "admin@test.bank",
  roles: ["admin"],
  sessionId: null,
};
export const ANALYST: Actor = {
  ...ADMIN,
  id: "test-analyst",
  email: "analyst@test.bank",
  roles: ["analyst"],
};

export type EnrolledAgent = EnrolmentAnswer & { agentId: string; keys: Record<Purpose, TestKey> };

/** Authorities and a working issuing worker over a test's database, and agents enrolled through them. */
export type IdentityWorld = {
  env: Env;
  kek: Buffer;
  keys: (role: KeyRole) => KeyStore;
  ctx: (actor?: Actor) => VerbContext;
  register: (name: string, more?: Partial<RegisterAgentInput>) => Promise<{ agentId: string; did: string }>;
  /** Registered by the administrator, or by whoever is named. */
  enrol: (name: string, more?: Partial<RegisterAgentInput>, by?: Actor) => Promise<EnrolledAgent>;
  close: () => Promise<void>;
};

/** Makes the authorities and starts the duty that signs. Call `close` before the database is closed. */
export async function createIdentityWorld(database: TestDatabase): Promise<IdentityWorld> {
  const { db } = database;
  const kek = randomBytes(32);
  const env = readEnv({
    NODE_ENV: "test",
    DATABASE_URL: database.urls.app,
    VIGIL_KEK: kek.toString("hex"),
    VIGIL_LOG_LEVEL: "silent",
  });
  await ensureAuthorities(db, env, kek, new Date());
  const keys = (role: KeyRole) => createKeyStore(db, role, roleKek(kek, role));
  const log = pino({ level: "silent" });
  const worker = runDuties([issueCertificates], {
    ...{ db, env, log, keys: keys("worker"), processId: `test-${randomBytes(4).toString("hex")}` },
  });
  const ctx = (actor: Actor = ADMIN): VerbContext => ({ db, actor, now: new Date() });
  const register: IdentityWorld["register"] = (name, more = {}) => registerAgent(ctx(), { name, ...more });
  return {
    ...{ env, kek, keys, ctx, register },
    enrol: async (name, more, by) => {
      const { agentId } = await registerAgent(ctx(by), { name, ...more });
      const { joinToken } = await createJoinToken(ctx(), { agentName: name });
      const { keys: agentKeys, csrs } = await makeCsrSet();
      const answer = await enrolAgent({ db, now: new Date(), env }, { joinToken, csrs });
      return { ...answer, agentId, keys: agentKeys };
    },
    close: () => worker.close(),
  };
}
