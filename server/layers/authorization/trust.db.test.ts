import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  agentClaims,
  alerts,
  attestations,
  attestationWithdrawals,
  containments,
  determinations,
  featureWindows,
  incidents,
  renewals,
  trustScores,
} from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { currentTrust } from "./current-trust.ts";
import { ensureDefaultPolicy } from "./ensure-default-policy.ts";
import { keepTrustHistory } from "./keep-trust-history.ts";
import { readTrust } from "./read-trust.ts";
import { readTrustHistory } from "./read-trust-history.ts";
import { later, makeAgent, makePerson, NOW, type Operator } from "./testing/people-and-agents.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;
let test: TestDatabase;
let owner: Operator;
beforeAll(async () => {
  test = await createTestDatabase();
  await ensureDefaultPolicy(test.db, NOW);
  owner = await makePerson(test.db, ["analyst"]);
});
afterAll(() => test.close());

const part = async (agentId: string, input: string, now = NOW) =>
  (await currentTrust(test.db, agentId, now)).contributions.find((it) => it.input === input)?.value ?? 0;

describe("attestations", () => {
  const claimed = async (agentId: string, digest: string, statedBy = "stater") =>
    test.db.insert(agentClaims).values({
      ...{ id: randomUUID(), agentId, claim: "model", value: "x", digest, statedBy },
      ...{ statedByType: "operator", statedAt: NOW },
    });
  const attest = async (agentId: string, as: Partial<typeof attestations.$inferInsert> = {}) => {
    const id = randomUUID();
    await test.db.insert(attestations).values({
      ...{ id, agentId, claim: "model", digest: "d", authority: "compliance", attestedBy: "another" },
      ...{ stepUp: "totp", attestedAt: later(-60), expiresAt: later(60), jws: "" },
      ...as,
    });
    return id;
  };

  it("count by authority while they last, of what is claimed now", async () => {
    const { id } = await makeAgent(test.db, { ownerId: owner.id });
    await claimed(id, "d");
    expect(await part(id, "attestations")).toBe(0);
    await attest(id);
    expect(await part(id, "attestations")).toBe(0.0167);
    await attest(id, { authority: "business-owner", attestedBy: owner.id });
    await attest(id, { authority: "security-review", attestedBy: "third" });
    expect(await part(id, "attestations")).toBe(0.05);
    expect(await part(id, "attestations", later(60))).toBe(0);
    await claimed(id, "another value");
    expect(await part(id, "attestations")).toBe(0);
  });

  it.each<[string, Partial<typeof attestations.$inferInsert>]>([
    ["has ended", { expiresAt: NOW }],
    ["is dated later than now", { attestedAt: later(1) }],
    ["is by an owner who is none now", { authority: "business-owner", attestedBy: "earlier-owner" }],
    ["is of another value", { digest: "e" }],
    ["is of another claim", { claim: "data_access" }],
  ])("count nothing where one %s", async (_what, as) => {
    const { id } = await makeAgent(test.db, { ownerId: owner.id });
    await claimed(id, "d");
    await attest(id, as);
    expect(await part(id, "attestations")).toBe(0);
  });

  it("count nothing once withdrawn, and an older one does not come back", async () => {
    const { id } = await makeAgent(test.db);
    await claimed(id, "d");
    await attest(id);
    const newest = await attest(id);
    const withdrawal = {
      attestationId: newest,
      withdrawnBy: "x",
      reason: "wrong",
      stepUp: "totp",
      withdrawnAt: NOW,
    };
    await test.db.insert(attestationWithdrawals).values(withdrawal);
    expect(await part(id, "attestations")).toBe(0);
  });
});

describe("what went wrong", () => {
  const incident = async (agentId: string, as: Partial<typeof incidents.$inferInsert> = {}) => {
    const id = randomUUID();
    await test.db
      .insert(incidents)
      .values({ id, title: "x", severity: "high", agentId, openedAt: NOW, ...as });
    return id;
  };
  const determine = async (incidentId: string, outcome: string, at: Date, supersedes?: string) => {
    const id = randomUUID();
    await test.db.insert(determinations).values({
      ...{ id, incidentId, outcome, worksheet: {}, reason: "x", determinedBy: "x", determinedAt: at },
      ...{ stepUp: "totp", supersedes },
    });
    return id;
  };

  it("is an incident that is open, drills left out, and one that was notifiable for 90 days after", async () => {
    const { id } = await makeAgent(test.db);
    await incident(id, { drill: true });
    expect(await part(id, "open incidents")).toBe(0);
    const open = await incident(id);
    expect(await part(id, "open incidents")).toBe(-0.1);
    await test.db.update(incidents).set({ status: "closed" }).where(eq(incidents.id, open));
    expect(await part(id, "open incidents")).toBe(0);
    await determine(open, "notifiable", later(-45 * DAY));
    expect(await part(id, "notifiable incidents")).toBe(-0.15);
    expect(await part(id, "notifiable incidents", later(46 * DAY))).toBe(0);
  });

  it("is not one whose determination was superseded, nor one that was not notifiable", async () => {
    const { id } = await makeAgent(test.db);
    const open = await incident(id, { status: "closed" });
    const first = await determine(open, "notifiable", NOW);
    await determine(open, "not-notifiable", NOW, first);
    expect(await part(id, "notifiable incidents")).toBe(0);
  });

  it("is a containment, and none that was a drill's", async () => {
    const { id } = await makeAgent(test.db);
    const contain = (incidentId: string | null) =>
      test.db.insert(containments).values({
        ...{ id: randomUUID(), agentId: id, incidentId, reason: "x", requestedBy: "x" },
        ...{ requestedAt: NOW, status: "released" },
      });
    await contain(await incident(id, { drill: true }));
    expect(await part(id, "containments")).toBe(0);
    await contain(null);
    expect(await part(id, "containments")).toBe(-0.4);
  });

  it("is a renewal that is late or failed when it was tried last, and none of an agent that nobody waits for", async () => {
    const { id } = await makeAgent(test.db);
    await test.asSuper(async (client) => {
      await client.query("set session_replication_role = replica");
      const add = (purpose: string, overdueAt: Date, failedAt: Date | null) =>
        client.query(
          `insert into renewals (agent_id, purpose, credential_id, ends_at, due_at, overdue_at, issued_at, issued_count, last_failed_at)
           values ($1, $2, $3, $4, $5, $5, $6, 1, $7)`,
          [id, purpose, randomUUID(), later(HOUR), overdueAt, later(-HOUR), failedAt],
        );
      await add("transport", later(60), null);
      await add("signature", NOW, null);
      await add("oauth", later(60), later(-60));
      await add("callback", later(60), later(-2 * HOUR));
    });
    expect(await part(id, "renewals")).toBe(-0.1);
    await test.db.update(renewals).set({ watched: false }).where(eq(renewals.agentId, id));
    expect(await part(id, "renewals")).toBe(0);
  });

  it("is nothing of another agent's", async () => {
    const [one, other] = [await makeAgent(test.db), await makeAgent(test.db)];
    await incident(other.id);
    await test.db.insert(alerts).values({
      ...{
        id: randomUUID(),
        agentId: other.id,
        kind: "behaviour",
        rule: "r",
        severity: "critical",
        title: "x",
      },
      ...{ detail: {}, status: "open", openedAt: NOW, lastSeenAt: NOW },
    } as never);
    expect((await currentTrust(test.db, one.id, NOW)).contributions.filter((it) => it.value < 0)).toEqual([]);
    expect(await part(other.id, "open alerts")).toBe(-0.1);
  });
});

describe("the history of trust", () => {
  const fence = async () => undefined;
  const kept = (agentId: string) =>
    test.db.select().from(trustScores).where(eq(trustScores.agentId, agentId)).orderBy(trustScores.at);

  it("is kept hourly by itself, with why, and not of agents that are retired or not yet there", async () => {
    const live = await makeAgent(test.db, { ownerId: owner.id });
    const gone = await makeAgent(test.db, { status: "retired" });
    const early = await makeAgent(test.db, { status: "registered" });
    await test.db.insert(featureWindows).values({ agentId: live.id, at: later(-DAY), features: {} });
    for (const seconds of [0, 60, HOUR - 1, HOUR, 2 * HOUR])
      while ((await keepTrustHistory(test.db, { fence, now: later(seconds) })) > 0);
    expect((await kept(live.id)).map(({ at }) => at)).toEqual([NOW, later(HOUR), later(2 * HOUR)]);
    expect((await kept(live.id))[0]).toMatchObject({ version: 2, contributions: expect.any(Array) });
    for (const { id } of [gone, early]) expect(await kept(id)).toEqual([]);
    const ctx = { db: test.db, actor: owner, now: later(2 * HOUR) };
    const points = await readTrustHistory(ctx, { name: live.name });
    expect(points.map(({ at }) => at)).toEqual([NOW, later(HOUR), later(2 * HOUR)]);
    expect(points[0]?.contributions.find((it) => it.input === "owner")?.value).toBe(0.05);
    expect(await readTrust(ctx, { name: live.name })).toMatchObject({
      agent: { name: live.name },
      mediumAbove: 0.8,
    });
  });

  it("is thinned out as it ages: all of a day, the last of each hour for a week, of each day for 90", async () => {
    const { id } = await makeAgent(test.db);
    const at = [
      ...Array.from({ length: 200 }, (_, i) => later(-i * 30 * 60)),
      ...Array.from({ length: 300 }, (_, i) => later(-8 * DAY - i * 8 * HOUR)),
    ];
    await test.db
      .insert(trustScores)
      .values(at.slice(3).map((when) => ({ agentId: id, at: when, score: "0.5", contributions: [] })));
    await keepTrustHistory(test.db, { fence, now: NOW });
    const left = (await kept(id)).map((row) => row.at.getTime());
    const young = left.filter((ms) => ms >= later(-DAY).getTime());
    const old = left.filter((ms) => ms < later(-7 * DAY).getTime());
    expect(young).toHaveLength(1 + 49 - 3);
    expect(left.every((ms) => ms >= later(-90 * DAY).getTime())).toBe(true);
    expect(new Set(old.map((ms) => Math.floor(ms / 86_400_000))).size).toBe(old.length);
    const hours = left.filter((ms) => ms < later(-DAY).getTime() && ms >= later(-7 * DAY).getTime());
    expect(new Set(hours.map((ms) => Math.floor(ms / 3_600_000))).size).toBe(hours.length);
    expect(hours.length).toBeGreaterThan(70);
    expect(left.length).toBeLessThan(500);
  });

  it("is read by whoever may read agents, and by nobody else", async () => {
    const { name } = await makeAgent(test.db);
    const nobody = { ...owner, roles: [] };
    for (const read of [readTrust, readTrustHistory])
      await expect(read({ db: test.db, actor: nobody, now: NOW }, { name })).rejects.toMatchObject({
        code: "not_permitted",
      });
    await expect(
      readTrust({ db: test.db, actor: owner, now: NOW }, { name: "nobody" }),
    ).rejects.toMatchObject({
      code: "agent_unknown",
    });
  });
});
