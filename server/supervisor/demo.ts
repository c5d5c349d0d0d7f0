import { fork } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { FleetOrders } from "../../agent/demo/run-agent.ts";
import { createDatabase } from "../../db/client.ts";
import { seedDemoUsers } from "../access/seed-demo-users.ts";
import { seedDemoBank } from "../demo/seed-demo-bank.ts";
import { seedDemoFacts } from "../demo/seed-demo-facts.ts";
import type { Env } from "../env.ts";
import { present } from "../kernel/ensure.ts";
import { createKeyStore } from "../keys/key-store.ts";
import { roleKekFromEnv } from "../keys/role-kek.ts";
import { endProcess } from "./child.ts";

type Credentials = { password: string; totp: string; apiKey: string };

const OWNER = "admin@demo.bank";

/**
 * Fills an empty demo and starts its fleet: a process of its own, outside Vigil, that knows nothing but the
 * doors' addresses, each agent's join token and the agents' own folders.
 *
 * @returns how to stop the fleet.
 */
export async function seedDemo(
  env: Env,
  attackAfterSeconds: number,
  say: (line: string) => void,
): Promise<() => Promise<void>> {
  const db = createDatabase(env.databaseUrl, { applicationName: "vigil-demo", poolSize: 4 });
  try {
    const now = new Date();
    const made = await seedDemoUsers(db, env, now);
    const credentials = remember(env.dataDir, {
      password: made.password,
      totp: made.totp,
      apiKey: made.apiKey,
    });
    const owner = present(
      made.accounts.find(({ email }) => email === OWNER),
      OWNER,
    );
    const { fleet, timeZone } = await seedDemoBank(db, owner.id, now, say);
    await seedDemoFacts(
      db,
      createKeyStore(db, "console", roleKekFromEnv(env, "console")),
      made.accounts,
      now,
    );
    const stop = startFleet(env, { fleet, timeZone, attackAfterSeconds });
    showCredentials(
      credentials,
      made.accounts.map(({ email }) => email),
      say,
    );
    return stop;
  } finally {
    await db.$client.end();
  }
}

/** What was made up in the first run is shown again in later ones: a 0600 file in the data folder keeps it. */
function remember(
  dataDir: string,
  made: { password: string | null; totp: string; apiKey: string | null },
): Credentials {
  const file = path.join(dataDir, "demo-credentials.json");
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Credentials) : null;
  const credentials = {
    password: present(made.password ?? before?.password, "the demo's password"),
    totp: made.totp,
    apiKey: present(made.apiKey ?? before?.apiKey, "the demo's API key"),
  };
  writeFileSync(file, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  return credentials;
}

function startFleet(env: Env, orders: Omit<FleetOrders, "directory" | "enrolUrl">): () => Promise<void> {
  const directory = path.join(env.dataDir, "demo-fleet");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { PATH, HOME, NODE_EXTRA_CA_CERTS } = process.env;
  const child = fork(path.join(import.meta.dirname, "../../agent/demo/fleet.ts"), [], {
    detached: true,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { NODE_ENV: "production", PATH, HOME, ...(NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS } : {}) },
  });
  child.send({ ...orders, directory, enrolUrl: env.enrolUrl } satisfies FleetOrders);
  return () => endProcess(child);
}

function showCredentials(
  { password, totp, apiKey }: Credentials,
  accounts: string[],
  say: (line: string) => void,
): void {
  say("DEMO: invented bank, invented data. Sign in as one of:");
  say(`  ${accounts.join("  ")}`);
  say(`  password  ${password}`);
  say(`  one-time codes (base32 seed for an authenticator)  ${totp}`);
  say(`  API key (administrator, Bearer)  ${apiKey}`);
}
