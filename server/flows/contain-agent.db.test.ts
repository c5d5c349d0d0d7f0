import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  accessTokens,
  agents,
  alerts,
  containmentSteps,
  containments,
  incidentFacts,
  incidents,
  isolationConfirmations,
  isolationStates,
  processes,
  snapshots,
} from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { confirmConnections } from "../incidents/confirm-connections.ts";
import { listContainments } from "../incidents/list-containments.ts";
import { readSnapshot } from "../incidents/read-snapshot.ts";
import { makeAgent, makeOperator, minutesLater, NOW, recordsOf } from "../incidents/testing/cast.ts";
import type { Actor } from "../kernel/actor.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";
import { containAgent } from "./contain-agent.ts";
import { finishContainment } from "./finish-containment.ts";

let test_: TestDatabase;
let db: TestDatabase["db"];
beforeAll(async () => {
  test_ = await createTestDatabase();
  db = test_.db;
});
afterAll(() => test_.close());

const SYSTEM: Actor = { type: "system", id: "test-duty" };
const reason = "it reads what it never read";
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);
const confirm = (containmentId: string, now: Date) =>
  confirmConnections(db, { containmentId, actor: SYSTEM, now, fence: async () => undefined });

async function contained(actor?: Actor) {
  const agent = await makeAgent(db);
  const analyst = actor ?? (await makeOperator(db, "analyst"));
  const result = await containAgent({ db, actor: analyst, now: NOW }, { agentId: agent.id, reason });
  return { agent, analyst, ...result };
}
const stepsOf = async (containmentId: string) =>
  Object.fromEntries(
    (await db.select().from(containmentSteps).where(eq(containmentSteps.containmentId, containmentId))).map(
      (s) => [s.step, s],
    ),
  );

describe("containAgent", () => {
  test("kills the tokens, denies everything, keeps evidence, opens an incident and alerts", async () => {
    const { agent, analyst, containmentId, incidentId, alreadyContained } = await contained();
    expect(alreadyContained).toBe(false);
    const [row] = await db.select().from(agents).where(eq(agents.id, agent.id));
    expect(row?.status).toBe("contained");
    const [isolation] = await db.select().from(isolationStates).where(eq(isolationStates.agentId, agent.id));
    expect(isolation).toMatchObject({ state: "deny_all" });
    const living = await db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id));
    expect(living.filter((token) => !token.revokedAt && token.expiresAt > NOW)).toEqual([]);
    const steps = await stepsOf(containmentId);
    expect(Object.keys(steps).sort()).toEqual(["alert", "incident", "isolation", "snapshot", "tokens"]);
    expect(steps.tokens?.detail).toBe("2 living tokens were revoked.");
    for (const step of Object.values(steps)) {
      expect(step.status).toBe("done");
      expect(step.finishedAt?.getTime()).toBeGreaterThanOrEqual(step.startedAt.getTime());
    }
    const [incident] = await db
      .select()
      .from(incidents)
      .where(eq(incidents.id, String(incidentId)));
    expect(incident).toMatchObject({
      agentId: agent.id,
      status: "open",
      drill: false,
      leadId: analyst.type === "operator" ? analyst.id : null,
    });
    const facts = await db
      .select()
      .from(incidentFacts)
      .where(eq(incidentFacts.incidentId, String(incidentId)));
    expect(facts.map(({ kind }) => kind).sort()).toEqual(["contained", "detected", "occurred"]);
    const [alert] = await db.select().from(alerts).where(eq(alerts.agentId, agent.id));
    expect(alert).toMatchObject({ rule: "agent-contained", severity: "critical", incidentId });
    const [record] = await recordsOf(db, "agent.contained");
    expect(record).toMatchObject({
      agentId: agent.did,
      actor: { type: "operator" },
      details: { containmentId, reason, tokensRevoked: 2, epoch: isolation?.epoch },
    });
  });

  test("starts no clock and determines nothing", async () => {
    await contained();
    const { rows } = await db.execute(
      sql`select (select count(*) from clocks) + (select count(*) from determinations) as n`,
    );
    expect(Number(rows[0]?.n)).toBe(0);
  });

  test("ten callers at once get one containment, one incident, one snapshot, one alert", async () => {
    const agent = await makeAgent(db);
    const analyst = await makeOperator(db, "analyst");
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        containAgent({ db, actor: analyst, now: NOW }, { agentId: agent.id, reason }),
      ),
    );
    expect(new Set(answers.map(({ containmentId }) => containmentId)).size).toBe(1);
    expect(answers.filter(({ alreadyContained }) => !alreadyContained)).toHaveLength(1);
    for (const table of [containments, incidents, snapshots])
      expect(await db.select().from(table).where(eq(table.agentId, agent.id))).toHaveLength(1);
    expect(await db.select().from(alerts).where(eq(alerts.agentId, agent.id))).toHaveLength(1);
    expect(
      (await recordsOf(db, "agent.contained")).filter(({ agentId }) => agentId === agent.did),
    ).toHaveLength(1);
  });

  test("an agent that is contained already keeps its containment", async () => {
    const first = await contained();
    const again = await containAgent(
      { db, actor: SYSTEM, now: minutesLater(5) },
      { agentId: first.agent.id, reason: "once more" },
    );
    expect(again).toEqual({
      containmentId: first.containmentId,
      incidentId: first.incidentId,
      alreadyContained: true,
    });
  });

  test("belongs to the agent's open incident, and takes the alert's time as the detection", async () => {
    const agent = await makeAgent(db);
    const { alertId } = await db.transaction((tx) =>
      raiseAlert(tx, {
        agentId: agent.id,
        kind: "behaviour",
        rule: "score",
        severity: "critical",
        title: "odd",
        detail: {},
        actor: SYSTEM,
        now: minutesLater(-3),
      }),
    );
    const { incidentId } = await containAgent(
      { db, actor: SYSTEM, now: NOW },
      { agentId: agent.id, reason, alertId, score: 0.97 },
    );
    const facts = await db
      .select()
      .from(incidentFacts)
      .where(eq(incidentFacts.incidentId, String(incidentId)));
    expect(facts.find(({ kind }) => kind === "detected")?.at).toEqual(minutesLater(-3));
    expect(facts.find(({ kind }) => kind === "contained")?.at).toEqual(NOW);
    const linked = await db.select().from(alerts).where(eq(alerts.agentId, agent.id));
    expect(linked.map((alert) => alert.incidentId)).toEqual([incidentId, incidentId]);
  });

  test("rejects an actor without the permission, an unknown agent, and an alert about another", async () => {
    const agent = await makeAgent(db);
    const other = await makeAgent(db);
    for (const role of ["approver", "compliance", "auditor", "admin"] as const) {
      const actor = await makeOperator(db, role);
      await expect(
        containAgent({ db, actor, now: NOW }, { agentId: agent.id, reason }),
      ).rejects.toMatchObject({ code: "not_permitted" });
    }
    const ctx = { db, actor: SYSTEM, now: NOW };
    await expect(containAgent(ctx, { agentId: crypto.randomUUID(), reason })).rejects.toMatchObject({
      code: "agent_unknown",
    });
    const { alertId } = await db.transaction((tx) =>
      raiseAlert(tx, {
        agentId: other.id,
        kind: "rule",
        rule: "r",
        severity: "low",
        title: "t",
        detail: {},
        actor: SYSTEM,
        now: NOW,
      }),
    );
    await expect(containAgent(ctx, { agentId: agent.id, reason, alertId })).rejects.toMatchObject({
      code: "alert_of_other",
    });
    const [row] = await db.select().from(agents).where(eq(agents.id, agent.id));
    expect(row?.status).toBe("active");
  });

  test("does nothing at all where the agent cannot be contained", async () => {
    const agent = await makeAgent(db, { status: "retired" });
    await expect(
      containAgent({ db, actor: SYSTEM, now: NOW }, { agentId: agent.id, reason }),
    ).rejects.toMatchObject({ code: "illegal_transition" });
    expect(await db.select().from(containments).where(eq(containments.agentId, agent.id))).toEqual([]);
    const tokens = await db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id));
    expect(tokens.every((token) => token.revokedAt === null)).toBe(true);
  });
});

describe("a step that fails", () => {
  test("is shown, undoes nothing of the denial, and is taken again once", async () => {
    await test_.asSuper((client) =>
      client.query("alter table snapshots add constraint full_disk check (false) not valid"),
    );
    const { agent, containmentId, incidentId } = await contained();
    expect(incidentId).not.toBeNull();
    expect((await stepsOf(containmentId)).snapshot).toMatchObject({
      status: "failed",
      detail: expect.stringContaining("tried again"),
    });
    const [row] = await db.select().from(containments).where(eq(containments.id, containmentId));
    expect(row?.status).toBe("partial");
    const [isolation] = await db.select().from(isolationStates).where(eq(isolationStates.agentId, agent.id));
    expect(isolation?.state).toBe("deny_all");

    await test_.asSuper((client) => client.query("alter table snapshots drop constraint full_disk"));
    const again = () => finishContainment(db, { containmentId, actor: SYSTEM, now: minutesLater(1) });
    await Promise.all([again(), again(), again()]);
    expect((await stepsOf(containmentId)).snapshot?.status).toBe("done");
    expect(await db.select().from(snapshots).where(eq(snapshots.agentId, agent.id))).toHaveLength(1);
    expect(await db.select().from(incidents).where(eq(incidents.agentId, agent.id))).toHaveLength(1);
    const [view] = await listContainments({ db, actor: SYSTEM, now: NOW }, { id: containmentId });
    expect(view).toMatchObject({
      status: "running",
      steps: expect.arrayContaining([expect.objectContaining({ step: "connections", status: "pending" })]),
    });
  });
});

describe("the evidence", () => {
  test("is hashed anew when it is read, and reading is recorded", async () => {
    const { agent, containmentId } = await contained();
    const [row] = await db.select().from(snapshots).where(eq(snapshots.containmentId, containmentId));
    const auditor = await makeOperator(db, "auditor");
    const reading = await readSnapshot({ db, actor: auditor, now: NOW }, { snapshotId: String(row?.id) });
    expect(reading.intact).toBe(true);
    expect(JSON.parse(reading.text)).toMatchObject({
      v: 1,
      containmentId,
      evidence: { agent: { did: agent.did, status: "contained" } },
    });
    expect(JSON.parse(reading.text).evidence.tokens).toHaveLength(3);
    expect((await recordsOf(db, "snapshot.read"))[0]).toMatchObject({
      actor: { id: auditor.id },
      details: { digest: row?.digest },
    });
  });

  test("cannot be changed by the application, and a change by a superuser shows, digest and all", async () => {
    const { containmentId } = await contained();
    const [row] = await db.select().from(snapshots).where(eq(snapshots.containmentId, containmentId));
    await expect(db.update(snapshots).set({ digest: "x" })).rejects.toThrow();
    const forged = row?.body.toString("utf8").replace("contained", "active") ?? "";
    await test_.asSuper(async (client) => {
      await client.query("alter table snapshots disable trigger refuse_change");
      await client.query(
        "update snapshots set body = $1, digest = 'sha256:' || encode(sha256($1), 'hex') where id = $2",
        [Buffer.from(forged), row?.id],
      );
      await client.query("alter table snapshots enable trigger refuse_change");
    });
    const reading = await readSnapshot({ db, actor: SYSTEM, now: NOW }, { snapshotId: String(row?.id) });
    expect(reading.intact).toBe(false);
    expect(reading.checks).toEqual([
      expect.objectContaining({ id: "matches-row", passed: true }),
      expect.objectContaining({ id: "matches-record", passed: false }),
    ]);
  });
});

describe("the step `connections`", () => {
  const gateway = (id: string, age = "0 seconds") =>
    db.execute(sql`insert into processes (id, role, started_at, seen_at) values (${id}, 'gateway', now(), now() - ${age}::interval)
      on conflict (id) do update set seen_at = excluded.seen_at`);
  const says = async (agentId: string, gatewayId: string, connectionsCut: number) => {
    const [isolation] = await db.select().from(isolationStates).where(eq(isolationStates.agentId, agentId));
    await db.insert(isolationConfirmations).values({
      agentId,
      gatewayId,
      connectionsCut,
      epoch: Number(isolation?.epoch),
      confirmedAt: later(0.05),
    });
  };

  test("is confirmed when the last live gateway has said so, with the connections that were cut", async () => {
    await db.delete(processes);
    await Promise.all([gateway("g1"), gateway("g2"), gateway("dead", "6 seconds")]);
    const { agent, containmentId } = await contained();
    await says(agent.id, "g1", 2);
    await confirm(containmentId, later(1));
    expect((await stepsOf(containmentId)).connections).toBeUndefined();
    await says(agent.id, "g2", 1);
    await confirm(containmentId, later(2));
    const { connections } = await stepsOf(containmentId);
    expect(connections).toMatchObject({ status: "confirmed", finishedAt: later(0.05) });
    expect(connections?.detail).toBe("All 2 gateways confirmed the denial; 3 open connections were cut.");
    await finishContainment(db, { containmentId, actor: SYSTEM, now: later(3) });
    const [row] = await db.select().from(containments).where(eq(containments.id, containmentId));
    expect(row?.status).toBe("done");
    expect((await recordsOf(db, "containment.connections"))[0]?.details).toMatchObject({
      containmentId,
      status: "confirmed",
    });
  });

  test("an earlier epoch's word does not count", async () => {
    await db.delete(processes);
    await gateway("g1");
    const agent = await makeAgent(db);
    await db
      .insert(isolationConfirmations)
      .values({ agentId: agent.id, gatewayId: "g1", epoch: 0, connectionsCut: 9, confirmedAt: NOW });
    const { containmentId } = await containAgent(
      { db, actor: SYSTEM, now: NOW },
      { agentId: agent.id, reason },
    );
    await confirm(containmentId, later(1));
    expect((await stepsOf(containmentId)).connections).toBeUndefined();
  });

  test("a live gateway that keeps silent is a failure that shows, until it answers", async () => {
    await db.delete(processes);
    await gateway("mute");
    const { agent, containmentId } = await contained();
    await confirm(containmentId, later(11));
    expect((await stepsOf(containmentId)).connections).toMatchObject({
      status: "failed",
      detail: expect.stringContaining("mute"),
    });
    await says(agent.id, "mute", 0);
    await confirm(containmentId, later(12));
    expect((await stepsOf(containmentId)).connections?.status).toBe("confirmed");
  });
});
