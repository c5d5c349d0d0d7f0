import { createPublicKey } from "node:crypto";
import type https from "node:https";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { noteVerifier } from "../kernel/signed-note.ts";
import { verifyLog } from "../layers/audit/verify-log.ts";
import { verifyReceipt } from "../layers/audit/verify-receipt.ts";
import { issueCertificates } from "../worker/issue-certificates.ts";
import { sequenceRecords } from "../worker/sequence-records.ts";
import { signCheckpoints } from "../worker/sign-checkpoints.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { connect, makeAgent, type SignOptions, send, type TestAgent } from "./testing/test-agent.ts";

let database: TestDatabase;
let system: System;
let agent: TestAgent;
let open: https.Agent;

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls, [issueCertificates, sequenceRecords, signCheckpoints]);
  agent = await makeAgent(system, "witness");
  open = connect(agent.rootPem, agent.credential("transport"));
});
afterAll(async () => {
  open?.destroy();
  await agent?.close();
  await system?.close();
  await database?.close();
});

const reading = (more: object = {}) => ({
  action: "transactions.read",
  at: new Date().toISOString(),
  ...more,
});
const report = async (body: string, options: SignOptions = {}) =>
  send(open, `${system.env.gatewayUrl}/v1/actions`, await agent.sign(body, options));

/** Verification by the auditors' own code, over what the gateway wrote, once all of it is chained and signed. */
async function verified() {
  await vi.waitFor(
    async () => {
      const { rows } = await system.db.execute<{ waiting: number }>(sql`
        select (select count(*)::int from audit_records) - (select max(size)::int from audit_checkpoints) as waiting`);
      expect(rows[0]?.waiting).toBe(0);
    },
    { timeout: 20_000, interval: 100 },
  );
  const { rows } = await system.db.execute<{ name: string; public_jwk: object }>(
    sql`select name, public_jwk from audit_keys where purpose = 'checkpoint'`,
  );
  const trustedKeys = rows.map((row) =>
    noteVerifier(row.name, createPublicKey({ key: row.public_jwk as never, format: "jwk" })),
  );
  return verifyLog(system.db, { fromSeq: 1, toSeq: null, withSignatures: true, trustedKeys, copies: null });
}

it("whatever an agent sends, admitted or refused, leaves evidence that verifies to the last signature", async () => {
  const many = Array.from({ length: 1_000 }, (_, i) => reading({ transactionId: `tx-${i}` }));
  const lines = `${JSON.stringify(reading())}\n\n${JSON.stringify(reading())}\n`;
  const answers = [
    await report(JSON.stringify([reading()])),
    await report(JSON.stringify(many)),
    await report(lines, { contentType: "application/x-ndjson" }),
    await report(JSON.stringify([reading(), reading({ action: "payments.execute" }), { nonsense: 1 }])),
    await report(JSON.stringify([reading({ action: "payments.execute" })])),
    await report("[{"),
    await report("[]"),
    await report(`[${JSON.stringify(reading())}]\n${JSON.stringify(reading())}`, {
      contentType: "application/x-ndjson",
    }),
    await report(JSON.stringify([reading()]), { token: "nonsense" }),
    await report(JSON.stringify([reading({ details: { note: "žluťoučký \u{1F40E}", n: 1.5e-7 } })])),
  ];
  expect(answers.map((it) => it.status)).toEqual([202, 202, 202, 202, 403, 400, 400, 400, 401, 202]);
  const told = await verified();
  expect(told.findings).toEqual([]);
  expect(told).toMatchObject({ outcome: "clean", signaturesChecked: answers.length });
  for (const { body } of answers)
    expect(await verifyReceipt(system.db, body.receipt ?? "", new Date())).toMatchObject({
      outcome: "kept",
      proved: true,
    });
});

it("names that nothing can store, or that are endless, refuse their action alone, with a short reason", async () => {
  for (const name of ["\u0000", "\u001b[2J", "x".repeat(100_000)]) {
    const bad = { ...reading(), [name]: 1 };
    const { status, body } = await report(JSON.stringify([reading(), bad]));
    expect([status, body.admitted]).toEqual([202, 1]);
    const [refusal] = body.refused as { code: string; reason: string }[];
    expect(refusal).toMatchObject({ code: "invalid_action" });
    expect(refusal?.reason.length).toBeLessThanOrEqual(200);
    expect(refusal?.reason).toMatch(/^\P{C}+$/u);
  }
});

it("a record that is taken away again is proved by its receipt", async () => {
  const { body } = await report(JSON.stringify([reading()]));
  await verified();
  const recordId = JSON.parse(
    Buffer.from((body.receipt ?? "").split(".")[1] ?? "", "base64url").toString("utf8"),
  ).recordId;
  await database.asSuper(async (client) => {
    await client.query("set session_replication_role = replica");
    await client.query("delete from audit_chain where record_id = $1", [recordId]);
    await client.query("delete from audit_payloads where record_id = $1", [recordId]);
    await client.query("delete from audit_records where id = $1", [recordId]);
  });
  const later = new Date(Date.now() + 61_000);
  expect(await verifyReceipt(system.db, body.receipt ?? "", later)).toMatchObject({ outcome: "broken" });
});
