import { randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  alerts,
  auditPayloads,
  auditRecords,
  coolDowns,
  destinations,
  featureWindows,
  grants,
  isolationStates,
  outbox,
  responseStates,
  windowDeltas,
} from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { Env } from "../env.ts";
import { releaseAgent } from "../flows/release-agent.ts";
import { requestRelease } from "../incidents/request-release.ts";
import { present } from "../kernel/ensure.ts";
import { uuidv7 } from "../kernel/ids.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { ensureDefaultPolicy } from "../layers/authorization/ensure-default-policy.ts";
import type { GrantLimits } from "../layers/authorization/limits-schema.ts";
import { giveApproved } from "../layers/authorization/testing/give-approved.ts";
import type { Action } from "../layers/monitoring/action.ts";
import { decideLearning } from "../layers/monitoring/decide-learning.ts";
import { decideMaintenance } from "../layers/monitoring/decide-maintenance.ts";
import { emptySlice, foldAction, SLICE_MS, type Slice } from "../layers/monitoring/engine/slice.ts";
import { importHistory } from "../layers/monitoring/import-history.ts";
import { learnAgentBaseline } from "../layers/monitoring/learn-baseline.ts";
import { planMaintenance } from "../layers/monitoring/plan-maintenance.ts";
import { proposeLearning } from "../layers/monitoring/propose-learning.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";
import type { FeatureKey } from "../layers/monitoring/schema.ts";
import {
  addDelta,
  makeAgent,
  makePerson,
  type Operator,
  recordsOf,
  SYSTEM,
} from "../layers/monitoring/testing/agents-and-people.ts";
import { usualWeeks } from "../layers/monitoring/testing/usual-weeks.ts";
import type { Duty } from "./duty.ts";
import { foldWindows } from "./fold-windows.ts";
import { takeLease } from "./lease.ts";
import { scoreWindows } from "./score-windows.ts";

/** Tuesday morning, inside the business hours of the invented weeks. */
const T = Date.parse("2026-11-24T10:30:00.000Z");
const MINUTE = 60_000;
const VOLUMES: FeatureKey[] = [
  ...(["apiCallsPerMinute", "dataMegabytes", "bytesPerCall", "uniqueEndpoints", "patternSurprise"] as const),
];
let database: TestDatabase;
let analyst: Operator;
let approver: Operator;
beforeAll(async () => {
  database = await createTestDatabase();
  await ensureDefaultPolicy(database.db, new Date(T - 86_400_000));
  analyst = await makePerson(database.db, ["analyst"], new Date(T));
  approver = await makePerson(database.db, ["approver"], new Date(T));
  await database.db.insert(destinations).values({
    ...{ id: randomUUID(), name: "pager", kind: "webhook", url: "https://pager.bank.example/hook" },
    ...{ createdAt: new Date(T), secretSealed: Buffer.alloc(1) },
  });
});
afterAll(() => database.close());

const as = (actor: Operator | typeof SYSTEM, atMs: number) => ({
  db: database.db,
  actor,
  now: new Date(atMs),
});
async function run(duty: Duty, nowMs: number): Promise<void> {
  const lease = present(await takeLease(database.db, duty.name, "worker-1"), "the lease");
  await duty.run({
    ...{ db: database.db, env: {} as Env, keys: {} as KeyStore, log: pino({ level: "silent" }) },
    ...{ now: new Date(nowMs), lease, processId: "worker-1", publish: () => undefined },
  });
}
async function work(nowMs: number): Promise<void> {
  await vi.waitFor(async () => {
    await run(foldWindows, nowMs);
    expect(await database.db.$count(windowDeltas)).toBe(0);
  });
  await run(scoreWindows, nowMs);
}

async function learntAgent() {
  const agent = await makeAgent(database.db, new Date(T - 22 * 86_400_000));
  const windows = usualWeeks({ weeks: 3, fromMs: T - 21 * 86_400_000, timeZone: "UTC" }).map(
    ({ atMs, features }) => ({
      ...{ at: new Date(atMs), calls: features.apiCallsPerMinute, megabytes: features.dataMegabytes },
      ...{ endpoints: features.uniqueEndpoints, networks: features.networks },
      transitions: features.transitions,
    }),
  );
  await importHistory(as(SYSTEM, T), { agentId: agent.id, windows });
  await learnAgentBaseline(as(SYSTEM, T), { agentId: agent.id });
  return agent;
}

/** What an agent reports in ten seconds: the signed request's record with its payload, and what the gateway counts. */
async function report(agentId: string, sliceMs: number, actions: Action[], ip = "10.1.2.3"): Promise<void> {
  const id = uuidv7(sliceMs);
  const bytes = Buffer.from(JSON.stringify(actions));
  await database.db.insert(auditRecords).values({
    ...{ id, kind: "agent.actions", at: new Date(sliceMs + SLICE_MS), agentId, actor: "x", outcome: "allow" },
    ...{ body: Buffer.from("{}"), digest: Buffer.alloc(32) },
  });
  await database.db.insert(auditPayloads).values({
    ...{ recordId: id, bytes, encoding: "identity", signatureBase: "", keyId: "k" },
    ...{ signature: Buffer.alloc(1), salt: Buffer.alloc(1) },
  });
  const slice = actions.reduce<Slice>(
    (sum, it) => foldAction(sum, { ...it, atMs: Date.parse(it.at), sourceIp: ip, refused: false }),
    emptySlice(),
  );
  await addDelta(database.db, agentId, sliceMs, slice);
}
const STEPS = ["transactions.read", "score.compute", "alerts.create"];
const usual = (sliceMs: number, calls = 17): Action[] =>
  Array.from({ length: calls }, (_, i) => ({
    ...{ action: STEPS[i % 3] ?? "", at: new Date(sliceMs + i * 500).toISOString() },
    ...{ endpoint: `/v1/${i % 5}`, bytes: 167_000 },
  }));
const bulk = (sliceMs: number, calls = 600, endpoint = "/exports/ledger"): Action[] =>
  Array.from({ length: calls }, (_, i) => ({
    ...{
      action: "batch.export",
      at: new Date(sliceMs + 8_500 + i).toISOString(),
      endpoint,
      bytes: 1_200_000,
    },
  }));
/** A usual agent that exports in bulk for twenty seconds from `atMs` on, and what became of it. */
async function exporting(agentId: string, atMs = T, more: { endpoint?: string; ip?: string } = {}) {
  for (const sliceMs of [atMs, atMs + SLICE_MS])
    await report(agentId, sliceMs, [...usual(sliceMs), ...bulk(sliceMs, 600, more.endpoint)], more.ip);
  await work(atMs + 2 * SLICE_MS);
  return isolationOf(agentId);
}
const isolationOf = async (agentId: string) =>
  (await database.db.select().from(isolationStates).where(eq(isolationStates.agentId, agentId)))[0]?.state ??
  "open";
const alertOf = async (agentId: string) =>
  (
    await database.db
      .select()
      .from(alerts)
      .where(and(eq(alerts.agentId, agentId), eq(alerts.rule, "behaviour-score")))
  )[0];
type Checks = { id: string; passed: boolean; detail: string }[];
const checkOf = async (agentId: string, id: RegExp) =>
  (present(await alertOf(agentId), "the alert").detail as { checks: Checks }).checks.find((one) =>
    id.test(one.id),
  );
const approve = (agent: string, limits: GrantLimits | null, seconds = 3_600, atMs = T - MINUTE) =>
  giveApproved(database.db, { agent, scope: "batch:process", seconds, now: new Date(atMs), limits });
const EXPORTS = { resources: ["/exports/*"] };
async function maintain(agents: string[], causes: FeatureKey[], startsMs: number, endsMs: number) {
  const planned = await planMaintenance(as(analyst, T - MINUTE), {
    ...{ agents, causes, startsAt: new Date(startsMs), endsAt: new Date(endsMs), reason: "The ledger moves" },
  });
  await decideMaintenance(
    as(approver, T - MINUTE),
    { ...planned, decision: "approve", reason: "Agreed" },
    "totp",
  );
  return planned.id;
}

describe("before containing, an approved change is consulted", () => {
  test("one whose limits cover what was seen limits and pages instead, and alert and record say which and why", async () => {
    const agent = await learntAgent();
    await approve(agent.name, EXPORTS);
    expect(await exporting(agent.id)).toBe("limited");
    expect(await alertOf(agent.id)).toMatchObject({ severity: "critical", detail: { response: "limit" } });
    const check = await checkOf(agent.id, /^approval-/);
    expect(check).toMatchObject({
      passed: true,
      detail: expect.stringContaining("covers 1200 of 1234 actions"),
    });
    const change = (await recordsOf(database.db, agent.id)).find(({ kind }) => kind === "response.changed");
    expect(change?.details).toMatchObject({ to: "limit" });
    const told = (await database.db.select().from(outbox)).filter(({ body }) =>
      JSON.stringify(body).includes(agent.did),
    );
    expect(told.map(({ topic }) => topic)).toContain("agent.limited_instead");
    await report(agent.id, T + 2 * SLICE_MS, bulk(T + 2 * SLICE_MS));
    await work(T + 3 * SLICE_MS);
    expect(await isolationOf(agent.id)).toBe("limited");
    expect(
      (await recordsOf(database.db, agent.id)).filter(({ kind }) => kind === "isolation.changed"),
    ).toHaveLength(1);
  });

  test("nothing approved contains", async () => {
    const agent = await learntAgent();
    expect(await exporting(agent.id)).toBe("deny_all");
    expect(await checkOf(agent.id, /^approval-/)).toBeUndefined();
  });

  test("without limits, for other resources, or ended a second ago it explains nothing, and the alert says so", async () => {
    const [open, other, over] = [await learntAgent(), await learntAgent(), await learntAgent()];
    await approve(open.name, null);
    await approve(other.name, { resources: ["/exports/hr/*"] });
    await approve(over.name, EXPORTS, 3_600, T + 2 * SLICE_MS - 1_000 - 3_600_000);
    for (const [agent, words] of [
      [open, "has no limits"],
      [other, "covers none of the"],
      [over, "not now"],
    ] as const) {
      expect(await exporting(agent.id)).toBe("deny_all");
      expect(await checkOf(agent.id, /^approval-/)).toMatchObject({
        ...{ passed: false, detail: expect.stringContaining(words) },
      });
    }
  });

  test("another agent's, one that was revoked, or one forged onto this agent does not count", async () => {
    const [agent, other] = [await learntAgent(), await learntAgent()];
    const grantId = await approve(other.name, EXPORTS);
    await database.asSuper(async (client) => {
      await client.query("set session_replication_role = replica");
      await client.query("update grants set agent_id = $1 where id = $2", [agent.id, grantId]);
    });
    expect(await exporting(agent.id)).toBe("deny_all");
    expect(await checkOf(agent.id, /^approval-/)).toBeUndefined();
    const revoked = await learntAgent();
    const gone = await approve(revoked.name, EXPORTS);
    await database.db
      .update(grants)
      .set({ revokedAt: new Date(T) })
      .where(eq(grants.id, gone));
    expect(await exporting(revoked.id)).toBe("deny_all");
  });

  test("a minute that it explains hides no other that it does not", async () => {
    const agent = await learntAgent();
    await approve(agent.name, EXPORTS);
    await report(agent.id, T, [...usual(T), ...bulk(T, 900)]);
    await report(agent.id, T + 7 * SLICE_MS, bulk(T + 7 * SLICE_MS, 500, "/customers/all"));
    await work(T + 8 * SLICE_MS);
    expect(await isolationOf(agent.id)).toBe("deny_all");
  });

  test("it explains no new network", async () => {
    const agent = await learntAgent();
    await approve(agent.name, EXPORTS);
    expect(await exporting(agent.id, T, { ip: "203.0.113.9" })).toBe("deny_all");
    expect((await checkOf(agent.id, /^approval-/))?.detail).toContain("geographicAnomaly");
  });
});

describe("maintenance", () => {
  test("limits its agent until its end to the millisecond, and contains again from there", async () => {
    const agent = await learntAgent();
    const id = await maintain([agent.name], VOLUMES, T, T + 2 * SLICE_MS + 1);
    expect(await exporting(agent.id)).toBe("limited");
    expect(await checkOf(agent.id, new RegExp(`^maintenance-${id}$`))).toMatchObject({ passed: true });
    await report(agent.id, T + 2 * SLICE_MS, bulk(T + 2 * SLICE_MS));
    await work(T + 2 * SLICE_MS + 1);
    expect(await isolationOf(agent.id)).toBe("deny_all");
  });

  test("keeps back nothing for a cause that it does not name, nor under an alert on forbidden data", async () => {
    const [some, forbidden] = [await learntAgent(), await learntAgent()];
    await maintain([some.name], ["uniqueEndpoints"], T, T + MINUTE);
    expect(await exporting(some.id)).toBe("deny_all");
    await maintain([forbidden.name], VOLUMES, T, T + MINUTE);
    await database.db.transaction((tx) =>
      raiseAlert(tx, {
        ...{ agentId: forbidden.id, kind: "rule", rule: "sensitive-data-in-scope", severity: "critical" },
        ...{ title: "x", detail: {}, actor: SYSTEM, now: new Date(T) },
      }),
    );
    expect(await exporting(forbidden.id)).toBe("deny_all");
    expect(await checkOf(forbidden.id, /^nothing-forbids$/)).toMatchObject({ passed: false });
  });
});

describe("after a release by two people", () => {
  async function released() {
    const agent = await learntAgent();
    expect(await exporting(agent.id)).toBe("deny_all");
    const { rows } = await database.asSuper((client) =>
      client.query("select id from containments where agent_id = $1", [agent.id]),
    );
    const containmentId = rows[0].id as string;
    const at = T + 10 * MINUTE;
    await requestRelease(as(analyst, at), { containmentId, reason: "It was the month's end" });
    await releaseAgent(as(approver, at), { containmentId, stepUp: "totp" });
    expect(await isolationOf(agent.id)).toBe("open");
    return { agent, containmentId, at };
  }

  test("the same limits and pages until the cool-down is over, then contains", async () => {
    const { agent, containmentId, at } = await released();
    const [row] = await database.db
      .select()
      .from(coolDowns)
      .where(eq(coolDowns.containmentId, containmentId));
    expect(row).toMatchObject({ startsAt: new Date(at), endsAt: new Date(at + 30 * MINUTE) });
    expect(await exporting(agent.id, at + 2 * MINUTE)).toBe("limited");
    expect(await checkOf(agent.id, /^cool-down-/)).toMatchObject({ passed: true });
    expect(await exporting(agent.id, at + 30 * MINUTE)).toBe("deny_all");
    await expect(
      database.db.update(coolDowns).set({ score: 1 }).where(eq(coolDowns.containmentId, containmentId)),
    ).rejects.toThrow();
  });

  test("another cause contains at once", async () => {
    const { agent, at } = await released();
    expect(await exporting(agent.id, at + 2 * MINUTE, { ip: "203.0.113.9" })).toBe("deny_all");
  });
});

describe("a rollback while windows are scored", () => {
  test("leaves each minute with the version that it was scored by", async () => {
    const agent = await learntAgent();
    await learnAgentBaseline(as(SYSTEM, T + 1), { agentId: agent.id });
    for (let i = 0; i < 6; i++) await report(agent.id, T + i * SLICE_MS, usual(T + i * SLICE_MS));
    const asked = await proposeLearning(as(analyst, T + 2), {
      ...{ agent: agent.name, kind: "rollback", version: 1, reason: "The new one misses" },
    });
    const admin = await makePerson(database.db, ["admin"], new Date(T));
    const wish = { ...asked, decision: "approve" as const, reason: "Agreed" };
    await Promise.all([work(T + 61_000), decideLearning(as(admin, T + 61_000), wish, "totp")]);
    for (let i = 6; i < 12; i++) await report(agent.id, T + i * SLICE_MS, usual(T + i * SLICE_MS));
    await work(T + 121_000);
    const { rows } = await database.asSuper((client) =>
      client.query("select id, version from baselines where agent_id = $1 order by version", [agent.id]),
    );
    expect(rows.map(({ version }) => version)).toEqual([1, 2, 3]);
    const minutes = await database.db
      .select()
      .from(featureWindows)
      .where(and(eq(featureWindows.agentId, agent.id), eq(featureWindows.source, "live")));
    const by = new Map(minutes.map(({ at, baselineId }) => [at.getTime(), baselineId]));
    expect([rows[1].id, rows[2].id]).toContain(by.get(T + MINUTE));
    expect(by.get(T + 2 * MINUTE)).toBe(rows[2].id);
    const [response] = await database.db
      .select()
      .from(responseStates)
      .where(eq(responseStates.agentId, agent.id));
    expect(response?.level).toBe("none");
  });
});
