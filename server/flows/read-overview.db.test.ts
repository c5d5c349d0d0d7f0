import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  agents,
  alerts,
  approvals,
  clocks,
  incidents,
  isolationStates,
  processes,
  responseStates,
  verificationRuns,
} from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { loadAuditFacts } from "./overview/load-audit-facts.ts";
import { readCounts } from "./read-counts.ts";
import { readOverview } from "./read-overview.ts";

const now = new Date("2026-11-23T12:00:00Z");
const ago = (ms: number) => new Date(now.getTime() - ms);
let database: TestDatabase;
let ctx: VerbContext;
beforeAll(async () => {
  database = await createTestDatabase();
  const actor = { type: "operator" as const, id: "u", email: "u@x", roles: ["auditor"], sessionId: null };
  ctx = { db: database.db, actor, now };
});
afterAll(() => database.close());

it("refuses an operator without the permission", async () => {
  const nobody = { ...ctx, actor: { ...ctx.actor, roles: [] } as VerbContext["actor"] };
  await expect(readOverview(nobody)).rejects.toMatchObject({ code: "not_permitted" });
  await expect(readCounts(nobody)).rejects.toMatchObject({ code: "not_permitted" });
});

it("an empty console is measured too, and says that no gateway reports", async () => {
  const { posture, riskiest, unowned } = await readOverview(ctx);
  expect(posture.find(({ layer }) => layer === "isolation")).toMatchObject({ state: "critical" });
  expect(posture.find(({ layer }) => layer === "audit")?.line).toMatch(/^0 records chained, 0 provable/);
  expect([riskiest, unowned]).toEqual([[], []]);
  expect((await readCounts(ctx)).nearestClock).toBeNull();
});

it("counts and lines are what the rows say", async () => {
  const { db } = ctx;
  const id = randomUUID();
  const [incident] = await db.transaction(async (tx) => {
    await tx.insert(agents).values({ id, name: "loans", did: "did:x", status: "active", createdAt: now });
    await tx
      .insert(responseStates)
      .values({ agentId: id, score: 0.93, level: "contain", scoredAt: now, since: now });
    await tx.insert(processes).values({ id: "gw", role: "gateway", startedAt: now, seenAt: ago(1_000) });
    await tx
      .insert(isolationStates)
      .values({ agentId: id, state: "deny_all", epoch: 2, changedAt: now, changedBy: "x" });
    for (const [severity, ownerId, age] of [
      ["high", null, 9],
      ["critical", null, 5],
      ["critical", "u", 8],
    ] as const)
      await tx.insert(alerts).values({
        id: randomUUID(),
        agentId: id,
        kind: "rule",
        rule: `r${age}`,
        severity,
        title: "t",
        detail: {},
        ownerId,
        openedAt: ago(age),
        lastSeenAt: now,
      });
    await tx.insert(approvals).values({
      id: randomUUID(),
      agentId: id,
      scope: "a:b",
      durationSeconds: 60,
      reason: "r",
      requestedBy: "x",
      requestedByType: "operator",
      policyVersion: 1,
      digest: "d",
      requestedAt: ago(60_000),
      expiresAt: new Date(now.getTime() + 60_000),
    });
    return await tx
      .insert(incidents)
      .values({ id: randomUUID(), title: "i", severity: "high", openedAt: now })
      .returning();
  });
  const dueAt = new Date(now.getTime() + 36 * 3_600_000);
  await db.insert(clocks).values({
    id: randomUUID(),
    incidentId: incident?.id ?? "",
    regime: "us-36h",
    ruleVersion: "1",
    recipient: "FRB",
    basis: "b",
    anchorEvent: "determined",
    anchorAt: now,
    anchoredBy: "u",
    dueAt,
  });
  const overview = await readOverview(ctx);
  const state = Object.fromEntries(overview.posture.map((one) => [one.layer, one.state]));
  expect(state).toMatchObject({ identity: "critical", isolation: "critical", monitoring: "critical" });
  expect(overview.posture.find(({ layer }) => layer === "isolation")?.line).toMatch(/1 not confirmed/);
  expect(overview.posture.find(({ layer }) => layer === "compliance")?.at?.instant).toEqual(dueAt);
  expect(overview.unowned.map(({ severity }) => severity)).toEqual(["critical", "high"]);
  expect(overview.riskiest).toMatchObject([{ name: "loans", score: 0.93 }]);
  const counts = await readCounts(ctx);
  expect(counts).toMatchObject({
    openAlerts: 3,
    unownedCritical: 1,
    pendingApprovals: 1,
    openIncidents: 1,
    contained: 1,
    shadowAgents: 0,
  });
  expect(counts.nearestClock).toMatchObject({ incident: "INC-0001", regime: "us-36h", dueAt });
});

it("a clean part of the log never hides what was found in it, and a clean whole does", async () => {
  const verified = async (minutesAgo: number, run: Partial<typeof verificationRuns.$inferInsert>) => {
    const at = ago(minutesAgo * 60_000);
    const id = randomUUID();
    await ctx.db
      .insert(verificationRuns)
      .values({ id, requestedBy: "x", fromSeq: 1, requestedAt: at, finishedAt: at, ...run });
    const { verification } = await loadAuditFacts(ctx.db);
    return verification?.status;
  };
  expect(await verified(60, { status: "clean", fromSeq: 5 })).toBeUndefined();
  expect(await verified(50, { status: "findings", fromSeq: 5, findings: [{}] })).toBe("findings");
  for (const part of [{ fromSeq: 2 }, { toSeq: 4 }, { withSignatures: 0 }])
    expect(await verified(40, { status: "clean", ...part }), JSON.stringify(part)).toBe("findings");
  expect(await verified(30, { status: "running", finishedAt: null })).toBe("findings");
  expect(await verified(20, { status: "clean" })).toBe("clean");
});
