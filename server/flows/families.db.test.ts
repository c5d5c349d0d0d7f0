import { randomUUID } from "node:crypto";
import { eq, inArray } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agentsAbove } from "../../db/family.ts";
import { accessTokens, agents, grants } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { requestRelease } from "../incidents/request-release.ts";
import type { Actor } from "../kernel/actor.ts";
import { FAMILY_GENERATIONS_MAX } from "../kernel/family-line.ts";
import { ensureDefaultPolicy } from "../layers/authorization/ensure-default-policy.ts";
import { grantBaseScopes } from "../layers/authorization/grant-base-scopes.ts";
import { readApproval } from "../layers/authorization/read-approval.ts";
import { requestApproval } from "../layers/authorization/request-approval.ts";
import { revokeGrant } from "../layers/authorization/revoke-grant.ts";
import { makePerson, recordsOf } from "../layers/authorization/testing/people-and-agents.ts";
import { voteOnApproval } from "../layers/authorization/vote-on-approval.ts";
import { CHILDREN_MAX } from "../layers/identity/engine/decide-parent.ts";
import { listAgents } from "../layers/identity/list-agents.ts";
import { readAgent } from "../layers/identity/read-agent.ts";
import { banAgentAndBelow } from "./ban-agent.ts";
import { containAgent } from "./contain-agent.ts";
import { issueAccessToken } from "./issue-access-token.ts";
import { registerAgentWithScopes } from "./register-agent.ts";
import { releaseAgent } from "./release-agent.ts";
import { setStandingAndBelow } from "./set-standing.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
/** How long a stop may wait for whoever asks for tokens at that moment: without turns it waits for ever. */
const STOPPED_WITHIN_MS = 2_000;
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);
type Person = Awaited<ReturnType<typeof makePerson>>;
let test: TestDatabase;
let [admin, analyst, approver]: Person[] = [];
beforeAll(async () => {
  test = await createTestDatabase();
  await ensureDefaultPolicy(test.db, NOW);
  admin = await makePerson(test.db, ["admin"]);
  analyst = await makePerson(test.db, ["analyst", "admin"]);
  approver = await makePerson(test.db, ["approver"]);
});
afterAll(() => test.close());

const as = (actor: Actor | undefined, now = NOW) => ({ db: test.db, actor: actor as Actor, now });
const READ = "transactions:read";
let made = 0;
async function register(parent: string | null, scopes = [READ], serve = true) {
  const name = `kin-${made++}`;
  const { agentId } = await registerAgentWithScopes(as(admin), { name, parent, scopes });
  if (serve) await test.db.update(agents).set({ status: "active" }).where(eq(agents.id, agentId));
  return { name, id: agentId };
}
type Kin = Awaited<ReturnType<typeof register>>;
/** Eldest first, each one the parent of the next. */
async function family(generations = 3): Promise<Kin[]> {
  const line: Kin[] = [];
  for (let at = 0; at < generations; at++) line.push(await register(line.at(-1)?.name ?? null));
  return line;
}
async function ask({ id }: Kin, requested = [READ], now = NOW) {
  const [agent] = await test.db.select().from(agents).where(eq(agents.id, id));
  if (!agent) throw new Error("no such agent");
  const ask = { agent, requested, thumbprint: "t", boundUntil: later(86_400) };
  return issueAccessToken({ db: test.db, now }, ask);
}
const living = async (kin: readonly Kin[]) =>
  (
    await test.db
      .select()
      .from(accessTokens)
      .where(
        inArray(
          accessTokens.agentId,
          kin.map((it) => it.id),
        ),
      )
  )
    .filter((token) => token.revokedAt === null && token.expiresAt > NOW)
    .map((token) => kin.find((it) => it.id === token.agentId)?.name);
const contain = ({ id }: Kin) => containAgent(as(analyst), { agentId: id, reason: "it reads too much" });
const ruleOf = async (kin: Kin, scopes?: string[]) => (await ask(kin, scopes)).refused.map((it) => it.rule);

describe("a child is registered", () => {
  it("under its parent for good: nobody moves it, and no line closes to a ring", async () => {
    const [eldest, child] = await family(2);
    const other = await register(null);
    const move = (parentId: string | null) =>
      test.db
        .update(agents)
        .set({ parentId })
        .where(eq(agents.id, String(child?.id)));
    for (const to of [other.id, null]) await expect(move(to)).rejects.toThrow();
    const ring = test.db.update(agents).set({ parentId: String(child?.id) });
    await expect(ring.where(eq(agents.id, String(eldest?.id)))).rejects.toThrow();
    const [a, b] = [randomUUID(), randomUUID()];
    const row = (id: string, parentId: string) => ({ id, parentId, name: id, did: id, createdAt: NOW });
    await expect(test.db.insert(agents).values([row(a, b), row(b, a)])).rejects.toThrow();
    await expect(test.db.insert(agents).values(row(a, a))).rejects.toThrow();
    expect(await agentsAbove(test.db, String(child?.id))).toMatchObject([{ name: eldest?.name }]);
  });

  it("by an administrator alone", async () => {
    const asOther = registerAgentWithScopes(as(approver), { name: "not-mine", parent: null, scopes: [] });
    await expect(asOther).rejects.toMatchObject({ code: "not_permitted" });
  });

  it.each(["registered", "contained", "suspended", "retired"])(
    "not under a parent that is %s; the refusal stands in the parent's trail",
    async (status) => {
      const parent = await register(null);
      await test.db.update(agents).set({ status }).where(eq(agents.id, parent.id));
      await expect(register(parent.name)).rejects.toMatchObject({ code: "parent_refused", status: 409 });
      const [record] = await recordsOf(test.db, parent.id);
      expect(record).toMatchObject({ kind: "agent.registration-refused", outcome: "deny" });
      expect(await readAgent(as(admin), { name: parent.name })).toMatchObject({ below: [] });
    },
  );

  it("not under nobody, and not below the last generation", async () => {
    await expect(register("no-such-agent")).rejects.toMatchObject({ code: "agent_unknown" });
    const line = await family(FAMILY_GENERATIONS_MAX);
    await expect(register(String(line.at(-1)?.name))).rejects.toMatchObject({
      facts: { check: "generations" },
    });
  });

  it(`${CHILDREN_MAX} times under one parent, however many try at once`, async () => {
    const parent = await register(null);
    const tries = await Promise.allSettled(
      Array.from({ length: CHILDREN_MAX + 5 }, () => register(parent.name, [])),
    );
    expect(tries.filter((it) => it.status === "fulfilled")).toHaveLength(CHILDREN_MAX);
    const { below } = await readAgent(as(admin), { name: parent.name });
    expect(below).toHaveLength(CHILDREN_MAX);
  });

  it("with no standing scope that its parent does not hold, and then not at all", async () => {
    const parent = await register(null, [READ]);
    const wider = register(parent.name, [READ, "alerts:create"]);
    await expect(wider).rejects.toMatchObject({
      code: "not_covered_by_parent",
      facts: { scope: "alerts:create" },
    });
    expect(await readAgent(as(admin), { name: parent.name })).toMatchObject({ below: [], childCount: 0 });
  });

  it("and both ends say so", async () => {
    const [eldest, parent, child] = await family();
    const { agents: listed } = await listAgents(as(admin), { search: child?.name });
    expect(listed).toMatchObject([{ parentName: parent?.name, childCount: 0, stoppedBy: null }]);
    expect(await readAgent(as(admin), { name: String(eldest?.name) })).toMatchObject({
      above: [],
      below: [
        { name: parent?.name, parentName: eldest?.name },
        { name: child?.name, parentName: parent?.name },
      ],
    });
    expect(await readAgent(as(admin), { name: String(child?.name) })).toMatchObject({
      above: [{ name: parent?.name }, { name: eldest?.name }],
    });
  });
});

describe("what a child may", () => {
  it("ends with its parent's grant: its token dies in that transaction, and it is given none after", async () => {
    const [eldest, parent, child] = (await family()) as [Kin, Kin, Kin];
    for (const kin of [eldest, parent, child]) await ask(kin);
    const [grant] = await test.db.select().from(grants).where(eq(grants.agentId, eldest.id));
    const grantId = String(grant?.id);
    expect((await ask(child)).token?.restsOn).toContain(grantId);
    const unrelated = await register(null);
    await ask(unrelated);
    await revokeGrant(as(analyst), { grantId, reason: "No longer needed" });
    expect(await living([eldest, parent, child, unrelated])).toEqual([unrelated.name]);
    const { token, refused } = await ask(child);
    expect(token).toBeNull();
    expect(refused).toMatchObject([{ rule: "not_covered_by_parent" }]);
    expect(refused[0]?.reason).toContain(eldest.name);
    const [, told] = await recordsOf(test.db, child.id);
    expect(told?.body).toMatchObject({ kind: "token.revoked", details: { restedOn: grantId } });
    await test.db.transaction((tx) =>
      grantBaseScopes(tx, { agentId: eldest.id, scopes: [READ], actor: admin as Actor, now: later(1) }),
    );
    expect((await ask(child, [READ], later(2))).token).not.toBeNull();
  });

  it("of what is approved for a time ends no later than its parent's, and is not asked for without it", async () => {
    const [parent, child] = (await family(2)) as [Kin, Kin];
    const request = { scope: "payments:execute", durationSeconds: 3_600, reason: "Month end run" };
    const open = (kin: Kin) => requestApproval(as(analyst), { agent: kin.name, ...request });
    await expect(open(child)).rejects.toMatchObject({ code: "not_covered_by_parent" });
    const approve = async (approvalId: string, durationSeconds: number, now = NOW) => {
      const { id, digest } = await readApproval(as(approver, now), approvalId);
      const vote = { id, digest, vote: "approve" as const, reason: "Checked it", durationSeconds };
      return voteOnApproval(as(approver, now), vote, "totp");
    };
    const { grantId } = await approve((await open(parent)).approvalId, 900);
    const asked = await open(child);
    const held = await approve(asked.approvalId, 3_600, later(60));
    expect(held.grantExpiresAt).toEqual(later(900));
    expect((await ask(child, ["payments:execute"], later(120))).token?.expiresAt).toEqual(later(900));

    await test.db.update(agents).set({ status: "active" }).where(eq(agents.id, child.id));
    const second = await requestApproval(as(analyst, later(130)), { agent: child.name, ...request });
    await revokeGrant(as(analyst, later(140)), { grantId: String(grantId), reason: "Over" });
    await expect(approve(second.approvalId, 600, later(150))).rejects.toMatchObject({
      code: "vote_refused",
      facts: { check: "covered-by-parent" },
    });
    const refused = (await recordsOf(test.db, child.id)).find((it) => it.kind === "approval.vote_refused");
    expect(refused?.outcome).toBe("deny");
  });

  it("is nothing while its parent is stopped, and what it was granted then is refused", async () => {
    const [parent, child] = (await family(2)) as [Kin, Kin];
    await contain(parent);
    expect(await ruleOf(child)).toEqual(["parent_not_in_service"]);
    const grant = test.db.transaction((tx) =>
      grantBaseScopes(tx, { agentId: child.id, scopes: ["alerts:create"], actor: admin as Actor, now: NOW }),
    );
    await expect(grant).rejects.toMatchObject({ code: "parent_not_in_service" });
  });
});

describe("when a parent is stopped, everybody below it stops in that transaction", () => {
  const suspend = ({ name }: Kin) =>
    setStandingAndBelow(as(admin), { name, to: "suspended", reason: "under review" });
  it.each<[string, (kin: Kin) => Promise<unknown>]>([
    ["contained", contain],
    ["suspended", suspend],
    ["banned", ({ name }) => banAgentAndBelow(as(admin), { name, reason: "stolen keys" })],
  ])("%s", async (word, stop) => {
    const [eldest, parent, child] = (await family()) as [Kin, Kin, Kin];
    const sibling = await register(eldest.name);
    for (const kin of [eldest, parent, child, sibling]) await ask(kin);
    await stop(parent);
    expect((await living([eldest, parent, child, sibling])).sort()).toEqual(
      [eldest.name, sibling.name].sort(),
    );
    expect(await ruleOf(child)).toEqual(["parent_not_in_service"]);
    expect((await readAgent(as(admin), { name: child.name })).stoppedBy).toEqual({
      name: parent.name,
      state: word,
    });
    const kinds = await recordsOf(test.db, child.id);
    const stopped = kinds.find((it) => it.kind === "agent.parent-stopped");
    expect(stopped?.body).toMatchObject({ details: { because: parent.name } });
    expect(JSON.stringify(stopped?.body)).toContain(word);
    expect((await ask(sibling)).token).not.toBeNull();
  });

  it("and after its release they may act again, with new tokens: the dead stay dead", async () => {
    const [parent, child] = (await family(2)) as [Kin, Kin];
    const { token } = await ask(child);
    const { containmentId } = await contain(parent);
    await requestRelease(as(analyst), { containmentId, reason: "it was a planned test" });
    await releaseAgent(as(approver), { containmentId, stepUp: "totp" });
    expect(await living([parent, child])).toEqual([]);
    const [dead] = await test.db
      .select()
      .from(accessTokens)
      .where(eq(accessTokens.jti, String(token?.jti)));
    expect(dead?.revokeReason).toContain("contained");
    expect((await ask(child)).token).not.toBeNull();
    expect((await recordsOf(test.db, child.id)).map((it) => it.kind)).toContain("agent.parent-resumed");
  });

  it("retired, they retire too, and only when whoever decides named them all", async () => {
    const [parent, child, grandchild] = (await family()) as [Kin, Kin, Kin];
    const retire = (alsoRetires: string[]) =>
      setStandingAndBelow(as(admin), { name: parent.name, to: "retired", reason: "replaced", alsoRetires });
    for (const named of [[], [child.name], [child.name, grandchild.name, "somebody"]])
      await expect(retire(named)).rejects.toMatchObject({
        code: "retires_others",
        facts: { below: `${child.name},${grandchild.name}` },
      });
    expect((await readAgent(as(admin), { name: parent.name })).status).toBe("active");
    await retire([grandchild.name, child.name]);
    for (const { name } of [parent, child, grandchild])
      expect((await readAgent(as(admin), { name })).status).toBe("retired");
  });

  it("retiring waits for the release of whoever is contained below", async () => {
    const [parent, child] = (await family(2)) as [Kin, Kin];
    await contain(child);
    const retire = {
      name: parent.name,
      to: "retired" as const,
      reason: "replaced",
      alsoRetires: [child.name],
    };
    await expect(setStandingAndBelow(as(admin), retire)).rejects.toMatchObject({ code: "agent_contained" });
  });

  it("is refused to whoever may not", async () => {
    const [parent] = (await family(2)) as [Kin, Kin];
    const standing = { name: parent.name, to: "suspended" as const, reason: "not mine" };
    await expect(setStandingAndBelow(as(approver), standing)).rejects.toMatchObject({
      code: "not_permitted",
    });
    const ban = banAgentAndBelow(as(approver), { name: parent.name, reason: "not mine" });
    await expect(ban).rejects.toMatchObject({ code: "not_permitted" });
  });
});

describe("at the moment a parent is contained", () => {
  it("no child slips in: registered before, it is stopped; after, refused", async () => {
    for (let round = 0; round < 12; round++) {
      const parent = await register(null);
      const tries = Array.from({ length: 3 }, () => register(parent.name, [READ], false));
      const [, ...children] = await Promise.allSettled([contain(parent), ...tries]);
      for (const child of children) {
        if (child.status === "rejected") expect(child.reason).toMatchObject({ code: "parent_refused" });
        else {
          await test.db.update(agents).set({ status: "active" }).where(eq(agents.id, child.value.id));
          expect(await ruleOf(child.value)).toEqual(["parent_not_in_service"]);
        }
      }
    }
  });

  it("no token and no grant of a grandchild slips through", async () => {
    for (let round = 0; round < 12; round++) {
      const [eldest, parent, child] = (await family()) as [Kin, Kin, Kin];
      const grant = test.db.transaction((tx) =>
        grantBaseScopes(tx, { agentId: child.id, scopes: [READ], actor: admin as Actor, now: NOW }),
      );
      const asks = Array.from({ length: 4 }, () => ask(child));
      await Promise.allSettled([asks[0], contain(eldest), grant, ...asks, ask(parent)]);
      expect(await living([eldest, parent, child])).toEqual([]);
      expect(await ruleOf(child)).toEqual(["parent_not_in_service"]);
    }
  });

  it("two who contain a parent and its child at once both succeed", async () => {
    for (let round = 0; round < 8; round++) {
      const [eldest, parent, child] = (await family()) as [Kin, Kin, Kin];
      for (const kin of [eldest, parent, child, child, child]) await ask(kin);
      await Promise.all([contain(eldest), contain(parent), contain(child)]);
      expect(await living([eldest, parent, child])).toEqual([]);
    }
  });

  it.each<[string, (kin: Kin) => Promise<unknown>]>([
    ["containment", contain],
    ["ban", ({ name }) => banAgentAndBelow(as(admin), { name, reason: "stolen keys" })],
    ["suspension", ({ name }) => setStandingAndBelow(as(admin), { name, to: "suspended", reason: "review" })],
  ])("a flood of token requests, of its own or of its children, does not put off its %s", async (_, stop) => {
    const line = (await family()) as [Kin, Kin, Kin];
    let flooding = true;
    let asked = 0;
    const flood = Array.from({ length: 9 }, async (_each, at) => {
      for (; flooding; asked++) await ask(line[at % 3] as Kin);
    });
    try {
      await expect.poll(() => asked).toBeGreaterThan(20);
      const startedAt = performance.now();
      await stop(line[0]);
      expect(performance.now() - startedAt).toBeLessThan(STOPPED_WITHIN_MS);
    } finally {
      flooding = false;
      await Promise.allSettled(flood);
    }
    expect(await living(line)).toEqual([]);
  });
});
