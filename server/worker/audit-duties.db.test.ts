import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { readEnv } from "../env.ts";
import { createKeyStore } from "../keys/key-store.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { readChainState } from "../layers/audit/read-chain-state.ts";
import { readVerification } from "../layers/audit/read-verification.ts";
import { startVerification } from "../layers/audit/start-verification.ts";
import { runDuties } from "./run-duties.ts";
import { runVerification } from "./run-verification.ts";
import { sequenceRecords } from "./sequence-records.ts";
import { signCheckpoints } from "./sign-checkpoints.ts";

let database: TestDatabase;
let dataDir: string;
let stop: (() => Promise<void>)[] = [];

const actor = {
  type: "operator" as const,
  id: "u1",
  email: "auditor@bank.example",
  roles: ["auditor"],
  sessionId: null,
};
const ctx = () => ({ db: database.db, actor, now: new Date() });

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = mkdtempSync(path.join(tmpdir(), "vigil-duties-"));
  startWorker("worker-a");
  startWorker("worker-b");
});
afterAll(async () => {
  for (const close of stop) await close();
  stop = [];
  await database.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function startWorker(processId: string) {
  const env = readEnv({
    NODE_ENV: "test",
    DATABASE_URL: database.urls.app,
    DATABASE_READER_URL: database.urls.reader,
    VIGIL_KEK: KEK.toString("hex"),
    VIGIL_DATA_DIR: dataDir,
  });
  const context = {
    db: database.db,
    env,
    keys: createKeyStore(database.db, "worker", KEK),
    log: pino({ level: "silent" }),
    processId,
  };
  stop.push(runDuties([sequenceRecords, signCheckpoints, runVerification], context).close);
}
const KEK = randomBytes(32);

const append = (count: number) =>
  database.db.transaction(async (tx) => {
    for (let i = 0; i < count; i++)
      await appendRecord(tx, { kind: "test.noted", actor: { type: "system", id: "test" }, now: new Date() });
  });

const finished = (id: string) =>
  expect
    .poll(() => readVerification(ctx(), { id }), { timeout: 20_000 })
    .toMatchObject({ finishedAt: expect.any(Date) })
    .then(() => readVerification(ctx(), { id }));

describe("two workers with the audit duties", () => {
  test("chain and sign what is written, without being asked", async () => {
    await append(40);
    await expect
      .poll(() => readChainState(ctx()), { timeout: 20_000 })
      .toMatchObject({ durable: 40, chained: 40, provable: 40, unchained: 0, critical: null });
  });

  test("verify on request, in a thread, with the result audited", async () => {
    const { id } = await startVerification(ctx(), {});
    const run = await finished(id);
    expect(run).toMatchObject({ status: "clean", requestedBy: actor.email, findings: [], error: null });
    expect(run.checked).toBeGreaterThanOrEqual(40);
    expect(run.statement.join(" ")).toContain("came from outside the database");
    expect(run.statement.join(" ")).toContain("copied outside the database");
    const { rows } = await database.db.$client.query(
      "select convert_from(body, 'UTF8')::jsonb as body from audit_records where kind = 'audit.verified'",
    );
    expect(rows.map(({ body }) => body.details)).toContainEqual(
      expect.objectContaining({ verificationId: id, status: "clean", findingCount: 0 }),
    );
  });

  test("do again what a killed worker left unfinished", async () => {
    const { id } = await startVerification(ctx(), {});
    await finished(id);
    await database.db.$client.query(
      "update verification_runs set status = 'running', finished_at = null, checked = 7 where id = $1",
      [id],
    );
    await database.db.$client.query("select pg_notify('vigil', 'verification:')");
    expect(await finished(id)).toMatchObject({ status: "clean" });
  });

  test("find what was changed, and say where first", async () => {
    await database.asSuper(async (client) => {
      await client.query("set session_replication_role = replica");
      await client.query(
        `update audit_records set body = convert_to(replace(convert_from(body, 'UTF8'), 'test.noted', 'test.denied'), 'UTF8')
         where id = (select record_id from audit_chain where seq = 17)`,
      );
    });
    const { id } = await startVerification(ctx(), {});
    expect(await finished(id)).toMatchObject({
      status: "findings",
      findings: [{ class: "edit", fromSeq: 17, toSeq: 17 }],
    });
  });
});
