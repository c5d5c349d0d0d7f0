import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessTokens, agents, grants, isolationStates, revocations } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { ensureDefaultPolicy } from "./ensure-default-policy.ts";
import type { RevocationEvent } from "./revocation-schema.ts";
import { forgetRevocations, readRevocations } from "./revocation-store.ts";
import { later, makeAgent, NOW } from "./testing/people-and-agents.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  await ensureDefaultPolicy(test.db, NOW);
});
afterAll(() => test.close());

const told = async (agentId: string, now = NOW): Promise<RevocationEvent[]> =>
  (await readRevocations(test.db, 0n, now)).rows
    .filter((row) => row.agentId === agentId)
    .map(({ event }) => event);

async function token(agentId: string, as: Partial<typeof accessTokens.$inferInsert> = {}): Promise<string> {
  const jti = randomUUID();
  await test.db.insert(accessTokens).values({
    ...{ jti, agentId, scopes: ["s"], grantIds: [], policyVersion: 1, thumbprint: "x" },
    ...{ issuedAt: NOW, expiresAt: later(900) },
    ...as,
  });
  return jti;
}

async function grant(agentId: string): Promise<string> {
  const id = randomUUID();
  await test.db.insert(grants).values({
    id,
    agentId,
    scope: "transactions:read",
    policyVersion: 1,
    grantedBy: "somebody",
    grantedAt: NOW,
  });
  return id;
}

describe("revocations tell themselves, whoever writes them", () => {
  it("a token, with its end and its grants, once however often it is written, up to five minutes after its end", async () => {
    const { id, did } = await makeAgent(test.db);
    const grantId = await grant(id);
    const jti = await token(id, { grantIds: [grantId] });
    const untouched = await token(id);
    for (const at of [NOW, later(5)])
      await test.db.update(accessTokens).set({ revokedAt: at }).where(eq(accessTokens.jti, jti));
    await test.db.update(accessTokens).set({ revokeReason: "x" }).where(eq(accessTokens.jti, untouched));
    const exp = later(900).getTime() / 1000;
    expect(await told(id)).toEqual([{ kind: "token", jti, exp, grantIds: [grantId], agent: did }]);
    expect(await told(id, later(900 + 299))).toHaveLength(1);
    expect(await told(id, later(900 + 300))).toEqual([]);
  });

  it("a grant, with the tokens that live by it and those of children that rest on it", async () => {
    const parent = await makeAgent(test.db);
    const child = await makeAgent(test.db, { parentId: parent.id });
    const grantId = await grant(parent.id);
    const jtis = [
      await token(parent.id, { grantIds: [grantId] }),
      await token(child.id, { restsOn: [grantId] }),
    ];
    await token(parent.id, { grantIds: [grantId], expiresAt: later(-1) });
    await token(child.id, { restsOn: [randomUUID()] });
    await test.db.update(grants).set({ revokedAt: NOW }).where(eq(grants.id, grantId));
    const exp = later(3_600).getTime() / 1000;
    expect(await told(parent.id)).toEqual([
      { kind: "grant", grantId, scope: "transactions:read", jtis: jtis.sort(), exp, agent: parent.did },
    ]);
  });

  it.each(["contained", "suspended", "retired"])(
    "an agent that is %s, and no status in which it serves",
    async (status) => {
      const { id, did } = await makeAgent(test.db);
      const set = (as: Partial<typeof agents.$inferInsert>) =>
        test.db.update(agents).set(as).where(eq(agents.id, id));
      await set({ status: "throttled" });
      await set({ status: "active", title: "Renamed" });
      expect(await told(id)).toEqual([]);
      await set({ status });
      expect(await told(id)).toMatchObject([{ kind: "agent", why: status, agent: did }]);
      await set({ banned: true });
      expect(await told(id)).toMatchObject([{ why: "banned" }]);
      await set({ status: "active", banned: false });
      expect(await told(id)).toMatchObject([{ why: "released" }]);
    },
  );

  it("an agent that is cut off by isolation alone, and its opening; a limit is none", async () => {
    const { id } = await makeAgent(test.db);
    const set = (state: string) =>
      test.db
        .insert(isolationStates)
        .values({ agentId: id, state, changedAt: NOW, changedBy: "x" })
        .onConflictDoUpdate({ target: isolationStates.agentId, set: { state } });
    await set("limited");
    expect(await told(id)).toEqual([]);
    await set("deny_all");
    expect(await told(id)).toMatchObject([{ why: "isolated" }]);
    await set("open");
    expect(await told(id)).toMatchObject([{ why: "released" }]);
  });

  it("nothing of a transaction that is rolled back", async () => {
    const { id } = await makeAgent(test.db);
    const jti = await token(id);
    await test.db
      .transaction(async (tx) => {
        await tx.update(accessTokens).set({ revokedAt: NOW }).where(eq(accessTokens.jti, jti));
        tx.rollback();
      })
      .catch(() => undefined);
    expect(await told(id)).toEqual([]);
  });
});

it("the application adds revocations and changes none", async () => {
  await expect(test.db.update(revocations).set({ kind: "x" })).rejects.toThrow();
});

it("what has ended is forgotten, and a standing never outlives the one that replaced it", async () => {
  const { id } = await makeAgent(test.db);
  const jti = await token(id);
  await test.db.update(accessTokens).set({ revokedAt: NOW }).where(eq(accessTokens.jti, jti));
  for (const status of ["contained", "active", "suspended"])
    await test.db.update(agents).set({ status }).where(eq(agents.id, id));
  const kept = () =>
    test.db
      .select({ event: revocations.event })
      .from(revocations)
      .where(eq(revocations.agentId, id))
      .orderBy(revocations.ord);
  const far = new Date(Date.now() + 60_000);
  await test.db.transaction((tx) => forgetRevocations(tx, NOW, 100));
  expect(await kept()).toHaveLength(4);
  await test.db.transaction((tx) => forgetRevocations(tx, far, 1));
  await test.db.transaction((tx) => forgetRevocations(tx, far, 10_000));
  expect(await kept()).toMatchObject([{ event: { why: "suspended" } }]);
});
