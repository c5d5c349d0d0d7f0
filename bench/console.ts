import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "drizzle-orm";
import { createDatabase, type Database } from "../db/client.ts";
import { startEmbedded } from "../db/embedded.ts";
import { migrateDatabase } from "../db/migrate.ts";
import { readEnv } from "../server/env.ts";
import { ensureAuthorities } from "../server/flows/ensure-authorities.ts";
import type { Actor } from "../server/kernel/actor.ts";
import { createKeyStore, type KeyStore } from "../server/keys/key-store.ts";
import { roleKek } from "../server/keys/role-kek.ts";
import { answerCertificateRequest } from "../server/layers/identity/answer-certificate-request.ts";
import { listAgents } from "../server/layers/identity/list-agents.ts";
import { listCredentials } from "../server/layers/identity/list-credentials.ts";
import { openAuthority, signerOf } from "../server/layers/identity/open-authority.ts";
import { readExpiryOverview } from "../server/layers/identity/read-expiry-overview.ts";
import { requestCertificate } from "../server/layers/identity/request-certificate.ts";
import { RENEWAL_STATES } from "../server/layers/identity/schema.ts";
import { signRevocationLists } from "../server/layers/identity/sign-revocation-lists.ts";
import { openRequests } from "../server/layers/identity/store.ts";
import { makeCsr, makeKey } from "../server/layers/identity/testing/make-csr.ts";
import { insertManyAgents } from "../server/layers/identity/testing/many-agents.ts";
import { trustBundle } from "../server/layers/identity/trust-bundle.ts";
import { alertReadings, insertManyAlerts } from "./lib/alert-readings.ts";
import { type Bench, type Figure, quantile, ratePerSecond } from "./lib/figure.ts";

const ADMIN: Actor = {
  type: "operator",
  id: "bench",
  email: "bench@bank",
  roles: ["admin"],
  sessionId: null,
};

/** The console's readings and the authorities' work at 5,000 agents with 25,000 credentials and
 * 10,000 alerts. */
const bench: Bench = async ({ small }) => {
  const [fleet, turns, issued] = small ? [200, 5, 5] : [5_000, 200, 300];
  const folder = mkdtempSync(path.join(tmpdir(), "vigil-bench-"));
  chmodSync(folder, 0o711);
  const server = await startEmbedded(folder);
  await migrateDatabase(server.urls.owner, { app: "vigil_app", reader: "vigil_reader" });
  const owner = createDatabase(server.urls.owner, { applicationName: "vigil-setup", poolSize: 2 });
  const db = createDatabase(server.urls.app, { applicationName: "vigil-bench", poolSize: 4 });
  const kek = randomBytes(32);
  const now = new Date();
  try {
    const env = readEnv({ NODE_ENV: "test", DATABASE_URL: server.urls.app, VIGIL_KEK: kek.toString("hex") });
    await ensureAuthorities(owner, env, kek, now);
    await insertManyAgents(db, { prefix: "fleet-", agents: fleet, now });
    await insertManyAlerts(db, small ? 500 : 10_000, now);
    await owner.execute(sql`vacuum analyze`);
    const keys = createKeyStore(db, "worker", roleKek(kek, "worker"));
    return [
      ...(await readings(db, fleet, turns, now)),
      ...(await authoritiesWork(db, keys, now)),
      await issuing(db, keys, issued, small),
    ];
  } finally {
    await owner.$client.end();
    await db.$client.end();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};
export default bench;

/** p50 and p95 of each reading, beside one row by its key over the same connection. */
async function readings(db: Database, fleet: number, turns: number, now: Date): Promise<Figure[]> {
  const ctx = { db, actor: ADMIN, now };
  const name = `fleet-${String(Math.floor(fleet / 2)).padStart(5, "0")}`;
  const first = await listCredentials(ctx, { limit: 200 });
  const cursor = first.nextCursor ?? undefined;
  const works: Record<string, () => Promise<unknown>> = {
    "agents: a page": () => listAgents(ctx, {}),
    "agents: search": () => listAgents(ctx, { search: name }),
    "agents: filter by status": () => listAgents(ctx, { status: "active" }),
    "radar: first page": () => listCredentials(ctx, {}),
    "radar: a later page": () => listCredentials(ctx, { cursor }),
    "radar: filter by purpose": () => listCredentials(ctx, { purpose: "transport" }),
    ...Object.fromEntries(
      RENEWAL_STATES.map((state) => [`radar: filter ${state}`, () => listCredentials(ctx, { state })]),
    ),
    "radar: search": () => listCredentials(ctx, { search: name }),
    "radar: overview": () => readExpiryOverview(ctx),
    "trust bundle": () => trustBundle(db),
    ...(await alertReadings(ctx)),
  };
  const one = await latencies(() => db.execute(sql`select id from agents where name = ${name}`), turns);
  const figures: Figure[] = [];
  for (const [what, work] of Object.entries(works)) {
    const took = await latencies(work, turns);
    for (const [label, q] of [
      ["p50", 0.5],
      ["p95", 0.95],
    ] as const)
      figures.push({
        ...{ bench: "console", what: `${what}, ${label}`, value: quantile(took, q), unit: "ms" },
        floor: { what: `one row by its key, ${label}`, value: quantile(one, q) },
      });
  }
  return figures;
}

async function latencies(work: () => Promise<unknown>, turns: number): Promise<number[]> {
  for (let warm = 0; warm < Math.min(10, turns); warm++) await work();
  const took: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const startedAt = performance.now();
    await work();
    took.push(performance.now() - startedAt);
  }
  return took.sort((a, b) => a - b);
}

/** A revocation list that names every agent's transport certificate. */
async function authoritiesWork(db: Database, keys: KeyStore, now: Date): Promise<Figure[]> {
  const openSigner = async (authority: { certificatePem: string; keyName: string }) =>
    signerOf(authority.certificatePem, await keys.open(authority.keyName));
  // The empty lists of the other authorities are made first, so that one list alone is timed.
  await db.transaction((tx) => signRevocationLists(tx, { openSigner, now }));
  const { rowCount } = await db.execute(sql`
    update credentials set status = 'revoked', revoked_at = now(), revoke_reason = 'key-compromise'
    where purpose = 'transport' and status = 'active'`);
  const later = new Date(Date.now() + 1_000);
  const startedAt = performance.now();
  await db.transaction((tx) => signRevocationLists(tx, { openSigner, now: later }));
  const value = performance.now() - startedAt;
  const what = `revocation list of ${rowCount} certificates`;
  return [
    {
      bench: "console",
      what,
      value,
      unit: "ms",
      floor: { what: "P-256 signature", value: 1_000 / p256Rate() },
    },
  ];
}

/** Certificates a second through the worker's own path: each a transaction, its audit record with it. */
async function issuing(db: Database, keys: KeyStore, count: number, small: boolean): Promise<Figure> {
  const now = new Date();
  const { rows } = await db.execute<{ id: string; name: string }>(
    sql`select id, name from agents limit ${count}`,
  );
  const made: { agentId: string; csrPem: string }[] = [];
  for (const { id, name } of rows)
    made.push({ agentId: id, csrPem: await makeCsr({ key: makeKey(), subject: `CN=${name}` }) });
  await db.transaction(async (tx) => {
    for (const each of made) await requestCertificate(tx, { ...each, purpose: "oauth", now });
  });
  const opened = await openAuthority(db, keys, "oauth");
  const requests = await openRequests(db, count);
  let issued = 0;
  const startedAt = performance.now();
  for (const request of requests) {
    const fence = async () => undefined;
    const answered = { request, openIssuer: async () => opened, fence, now: new Date() };
    if (await answerCertificateRequest(db, answered)) issued++;
  }
  const value = (issued * 1_000) / (performance.now() - startedAt);
  if (issued !== count) throw new Error(`${issued} of ${count} certificates were issued`);
  const floor = { what: "P-256 signatures, raw", value: p256Rate(small ? 20 : 1_000) };
  return { bench: "console", what: "certificates issued", value, unit: "1/s", floor };
}

function p256Rate(ms = 200): number {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const message = randomBytes(600);
  return ratePerSecond(() => sign("sha256", message, privateKey), ms);
}
