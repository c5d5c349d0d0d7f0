import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import pino from "pino";
import { createDatabase, type Database } from "../../../db/client.ts";
import { type Env, readEnv } from "../../env.ts";
import { ensureAuthorities } from "../../flows/ensure-authorities.ts";
import { present } from "../../kernel/ensure.ts";
import { createKeyStore } from "../../keys/key-store.ts";
import { roleKekFromEnv } from "../../keys/role-kek.ts";
import { ensureDefaultPolicy } from "../../layers/authorization/ensure-default-policy.ts";
import { ensureZones } from "../../layers/isolation/ensure-zones.ts";
import { ensureDefaultRules } from "../../layers/monitoring/ensure-default-rules.ts";
import type { Duty } from "../../worker/duty.ts";
import { issueCertificates } from "../../worker/issue-certificates.ts";
import { runDuties } from "../../worker/run-duties.ts";
import { type Gateway, startGateway } from "../main.ts";

export type System = {
  env: Env;
  db: Database;
  gateway: Gateway;
  /** A folder for agents' keys, removed with the system. */
  folder: string;
  close: () => Promise<void>;
};

/** A whole agents' side over an existing, migrated database: authorities, policy, worker and gateway on free ports. */
export async function startSystem(
  urls: { app: string; owner: string },
  duties: readonly Duty[] = [issueCertificates],
  more: Record<string, string> = {},
): Promise<System> {
  const [gatewayPort, enrolPort] = [await freePort(), await freePort()];
  const folder = mkdtempSync(path.join(tmpdir(), "vigil-agents-"));
  const env = readEnv({
    NODE_ENV: "test",
    DATABASE_URL: urls.app,
    DATABASE_OWNER_URL: urls.owner,
    VIGIL_DATA_DIR: folder,
    VIGIL_GATEWAY_PORT: String(gatewayPort),
    VIGIL_ENROL_PORT: String(enrolPort),
    VIGIL_KEK: randomBytes(32).toString("hex"),
    VIGIL_LOG_LEVEL: "fatal",
    ...more,
  });
  const owner = createDatabase(urls.owner, { applicationName: "vigil-setup", poolSize: 2 });
  const now = new Date();
  await ensureAuthorities(owner, env, present(env.kek, "the key-encryption key"), now);
  await ensureDefaultPolicy(owner, now);
  await ensureDefaultRules(owner, now);
  await ensureZones(owner);
  await owner.$client.end();
  const workerDb = createDatabase(urls.app, {
    applicationName: "vigil-worker",
    poolSize: 2 * duties.length + 2,
  });
  const keys = createKeyStore(workerDb, "worker", roleKekFromEnv(env, "worker"));
  const worker = runDuties(duties, {
    db: workerDb,
    env,
    keys,
    log: pino({ level: "fatal" }),
    processId: "worker",
  });
  const gateway = await startGateway(env);
  const db = createDatabase(urls.app, { applicationName: "vigil-test", poolSize: 5 });
  const system: System = {
    env,
    db,
    gateway,
    folder,
    close: async () => {
      // A test may have put another gateway in its place.
      await system.gateway.close();
      await worker.close();
      await workerDb.$client.end();
      await db.$client.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return system;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
