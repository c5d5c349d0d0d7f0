import { hash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createDatabase, type Database } from "../db/client.ts";
import { startEmbedded } from "../db/embedded.ts";
import { migrateDatabase } from "../db/migrate.ts";
import { auditPayloads, auditRecords } from "../db/schema/index.ts";
import { uuidv7 } from "../server/kernel/ids.ts";
import { noteVerifier } from "../server/kernel/signed-note.ts";
import { checkpointCopyPath, readCheckpointCopy } from "../server/layers/audit/checkpoint-copy.ts";
import { readOrigin } from "../server/layers/audit/read-origin.ts";
import { createAuditLog, TEST_NOW } from "../server/layers/audit/testing/audit-log.ts";
import {
  makeSignedRequest,
  makeSigningAgent,
  type TestAgent,
} from "../server/layers/audit/testing/signed-requests.ts";
import { type VerificationReport, verifyLog } from "../server/layers/audit/verify-log.ts";
import { type Bench, type Figure, ratePerSecond } from "./lib/figure.ts";
import { verifyFloor } from "./lib/floors.ts";

const ACTION = { action: "transactions:read", at: "2026-11-20T09:00:00Z", transactionId: "TX-1", bytes: 512 };
const BATCH = 500;

type Log = Awaited<ReturnType<typeof createAuditLog>>;

/** Entries verified a second, straight from PostgreSQL: every hash, link, tree and checkpoint, then every signature. */
const bench: Bench = async ({ small }) => {
  const [plain, signed] = small ? [1_000, 500] : [1_000_000, 50_000];
  const folder = mkdtempSync(path.join(tmpdir(), "vigil-bench-"));
  const server = await startEmbedded(folder);
  await migrateDatabase(server.urls.owner, { app: "vigil_app", reader: "vigil_reader" });
  const db = createDatabase(server.urls.app, { applicationName: "vigil-bench", poolSize: 4 });
  const log = await createAuditLog(db);
  try {
    const agent = await makeSigningAgent(db);
    const chaining = await writeLog(db, log, agent, plain, false);
    await writeLog(db, log, agent, signed, true);
    return [
      figure("chained", chaining, { what: "SHA-256 of a record", value: hashFloor(small) }),
      await timed(
        "verified without signatures",
        db,
        log,
        { toSeq: plain, withSignatures: false },
        hashFloor(small),
      ),
      await timed(
        "verified with signatures",
        db,
        log,
        { fromSeq: plain + 1, withSignatures: true },
        verifyFloor(small ? 20 : 1_000),
      ),
    ];
  } finally {
    log.close();
    await db.$client.end();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};
export default bench;

const figure = (what: string, value: number, floor: Figure["floor"]): Figure => ({
  bench: "audit-verify",
  what,
  value,
  unit: "entries/s",
  floor,
});

/** Writes records in bulk, then chains and signs them as the worker does. Returns entries chained a second. */
async function writeLog(db: Database, log: Log, agent: TestAgent, count: number, withPayload: boolean) {
  const template = makeSignedRequest(agent, [ACTION], TEST_NOW);
  for (let at = 0; at < count; at += BATCH) {
    const made = Array.from({ length: Math.min(BATCH, count - at) }, () =>
      withPayload
        ? makeSignedRequest(agent, [ACTION], TEST_NOW)
        : { ...template, record: renamed(template.record) },
    );
    await db.transaction(async (tx) => {
      await tx.insert(auditRecords).values(made.map(({ record }) => record));
      if (withPayload) await tx.insert(auditPayloads).values(made.map(({ payload }) => payload));
    });
  }
  const startedAt = performance.now();
  await log.chain();
  const rate = (count * 1_000) / (performance.now() - startedAt);
  await log.sign();
  return rate;
}

/** The same record under another id: what is verified without signatures needs no signature of its own. */
function renamed(record: ReturnType<typeof makeSignedRequest>["record"]) {
  const id = uuidv7(record.at.getTime());
  const body = Buffer.from(record.body.toString("utf8").replace(record.id, id));
  return { ...record, id, body, digest: hash("sha256", body, "buffer") };
}

async function timed(
  what: string,
  db: Database,
  log: Log,
  range: { fromSeq?: number; toSeq?: number; withSignatures: boolean },
  floor: number,
): Promise<Figure> {
  const { checkpoints } = await readCheckpointCopy(checkpointCopyPath(log.dataDir));
  const startedAt = performance.now();
  const report: VerificationReport = await verifyLog(db, {
    fromSeq: range.fromSeq ?? 1,
    toSeq: range.toSeq ?? null,
    withSignatures: range.withSignatures,
    trustedKeys: [noteVerifier(await readOrigin(db, log.key), log.key.publicKey)],
    copies: checkpoints,
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  if (report.outcome !== "clean")
    throw new Error(`The log does not verify: ${report.findings[0]?.detail ?? report.statement[0]}`);
  const floorName = range.withSignatures ? "Ed25519, one core" : "SHA-256 of a record, one core";
  return figure(what, report.checked / seconds, { what: floorName, value: floor });
}

function hashFloor(small: boolean): number {
  const body = randomBytes(800);
  return ratePerSecond(() => hash("sha256", body, "buffer"), small ? 20 : 1_000);
}
