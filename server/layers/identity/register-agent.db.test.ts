import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agents, auditRecords, users } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { Actor } from "../../kernel/actor.ts";
import { banAgent } from "./ban-agent.ts";
import { changeAgentStatus } from "./change-agent-status.ts";
import { createJoinToken } from "./create-join-token.ts";
import { listAgents } from "./list-agents.ts";
import { listCredentials } from "./list-credentials.ts";
import { markAgentActive } from "./mark-agent-active.ts";
import { readAgent } from "./read-agent.ts";
import { registerAgent } from "./register-agent.ts";
import { type AgentStatus, type CredentialRow, PURPOSES } from "./schema.ts";
import { setAgentStanding } from "./set-agent-standing.ts";
import { ANALYST, createIdentityWorld, type IdentityWorld } from "./testing/identity-world.ts";

let database: TestDatabase;
let world: IdentityWorld;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await createIdentityWorld(database);
});
afterAll(async () => {
  await world.close();
  await database.close();
});

const recordsOf = (agentId: string) =>
  database.db.select().from(auditRecords).where(eq(auditRecords.agentId, agentId));
const move = (agentId: string, to: AgentStatus) =>
  database.db.transaction((tx) =>
    changeAgentStatus(tx, { agentId, to, actor: world.ctx().actor, now: new Date(), reason: "test" }),
  );

describe("registering an agent", () => {
  test("gives it a DID of the bank, no credentials, and an audit record", async () => {
    const { agentId, did } = await world.register("fraud-detector-001", { title: "Fraud detector" });
    expect(did).toBe("did:bank:agent:fraud-detector-001");
    const agent = await readAgent(world.ctx(), { name: "fraud-detector-001" });
    expect(agent).toMatchObject({ id: agentId, status: "registered", credentials: [], nextExpiryAt: null });
    expect(await recordsOf(agentId)).toMatchObject([{ kind: "agent.registered", actor: "admin@test.bank" }]);
  });

  test("rejects an actor without the permission, and leaves nothing behind", async () => {
    const denied = registerAgent(world.ctx(ANALYST), { name: "not-mine" });
    await expect(denied).rejects.toMatchObject({ code: "not_permitted" });
    expect(await database.db.select().from(agents).where(eq(agents.name, "not-mine"))).toEqual([]);
  });

  test("never gives a name twice, not after retirement and not to two at once", async () => {
    const { agentId } = await world.register("once-1");
    await move(agentId, "retired");
    await expect(world.register("once-1")).rejects.toMatchObject({ code: "agent_name_taken", status: 409 });
    const race = await Promise.allSettled([1, 2, 3, 4].map(() => world.register("once-2")));
    expect(race.filter((each) => each.status === "fulfilled")).toHaveLength(1);
  });

  test.each(["", "A", "-a", "a-", "a_b", "a.b", "ä", "a".repeat(64), "a\n", "../a", "a b"])(
    "refuses the name %j",
    async (name) => {
      await expect(world.register(name)).rejects.toThrow();
    },
  );

  test("refuses titles that hide what they say", async () => {
    for (const title of ["a\u202eb", "a\u200bb", "a\u0000b", "a\nb"])
      await expect(world.register("title-1", { title })).rejects.toThrow();
  });

  test("takes only people with an account in use as owners", async () => {
    const person = { name: "O", roles: "admin", createdAt: new Date(), updatedAt: new Date() };
    await database.db.insert(users).values([
      { ...person, id: "owner-1", email: "owner@test.bank" },
      { ...person, id: "owner-2", email: "gone@test.bank", disabledAt: new Date() },
    ]);
    await world.register("owned-1", { ownerId: "owner-1" });
    expect(await readAgent(world.ctx(), { name: "owned-1" })).toMatchObject({
      ownerEmail: "owner@test.bank",
    });
    for (const ownerId of ["owner-2", "nobody"])
      await expect(world.register("owned-2", { ownerId })).rejects.toMatchObject({ code: "owner_unknown" });
  });
});

describe("join tokens", () => {
  test("reject an actor without the permission", async () => {
    await world.register("tokenless-1");
    const denied = createJoinToken(world.ctx(ANALYST), { agentName: "tokenless-1" });
    await expect(denied).rejects.toMatchObject({ code: "not_permitted" });
  });

  test("are not made for agents that are retired or unknown", async () => {
    const { agentId } = await world.register("tokenless-2");
    await move(agentId, "retired");
    await expect(createJoinToken(world.ctx(), { agentName: "tokenless-2" })).rejects.toMatchObject({
      code: "agent_barred",
    });
    await expect(createJoinToken(world.ctx(), { agentName: "nobody" })).rejects.toMatchObject({
      code: "agent_unknown",
    });
  });

  test("are recorded without their text, and live an hour", async () => {
    const { agentId } = await world.register("tokens-1");
    const ctx = world.ctx();
    const { joinToken, expiresAt } = await createJoinToken(ctx, { agentName: "tokens-1" });
    expect(expiresAt.getTime() - ctx.now.getTime()).toBe(3_600_000);
    const record = (await recordsOf(agentId)).find((each) => each.kind === "join-token.created");
    expect(record?.body.toString()).not.toContain(joinToken.slice(4, 40));
  });
});

describe("an agent's status", () => {
  test("does not change against the lifecycle, and the refusal leaves no record", async () => {
    const { agentId } = await world.register("walk-1");
    await expect(move(agentId, "active")).rejects.toMatchObject({ code: "illegal_transition", status: 409 });
    expect(await recordsOf(agentId)).toHaveLength(1);
  });

  test("changes once when two change it at once, and each change is recorded", async () => {
    const { agentId } = await world.enrol("walk-2");
    const race = await Promise.allSettled([1, 2, 3].map(() => move(agentId, "contained")));
    expect(race.filter((each) => each.status === "fulfilled")).toHaveLength(1);
    const changes = (await recordsOf(agentId)).filter((each) => each.kind === "agent.status-changed");
    expect(changes).toHaveLength(2);
  });

  test("becomes active with the first action and by no later one", async () => {
    const { agentId } = await world.enrol("walk-3");
    const mark = () => database.db.transaction((tx) => markAgentActive(tx, { agentId, now: new Date() }));
    expect(await Promise.all([mark(), mark(), mark()])).toEqual(expect.arrayContaining([true, false, false]));
    await move(agentId, "suspended");
    expect(await mark()).toBe(false);
    expect(await readAgent(world.ctx(), { name: "walk-3" })).toMatchObject({ status: "suspended" });
  });

  test("retirement revokes every certificate", async () => {
    const { agentId } = await world.enrol("walk-4");
    await move(agentId, "retired");
    const { credentials } = await readAgent(world.ctx(), { name: "walk-4" });
    expect(credentials).toHaveLength(5);
    for (const credential of credentials)
      expect(credential).toMatchObject({ status: "revoked", revokeReason: "retired" });
  });
});

describe("the list of agents", () => {
  test("comes in pages that together hold every agent once", async () => {
    const names = Array.from({ length: 7 }, (_, index) => `page-${index}`);
    for (const name of names) await world.register(name, { title: "Paged 100%_" });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listAgents(world.ctx(), { limit: 3, cursor, search: "100%_" });
      expect(page.total).toBe(7);
      seen.push(...page.agents.map((agent) => agent.name));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(names);
  });

  test("a search for wildcard characters finds those characters", async () => {
    expect((await listAgents(world.ctx(), { search: "%" })).agents.every((a) => a.title.includes("%"))).toBe(
      true,
    );
    expect((await listAgents(world.ctx(), { search: "\\" })).total).toBe(0);
  });
});

describe("the expiry board", () => {
  test("shows one row for each agent and purpose, first to end first, in pages that hold all once", async () => {
    const names = ["board-1", "board-2"];
    for (const name of names) await world.enrol(name);
    const { agentId } = await world.enrol("board-3");
    await move(agentId, "retired");
    const seen: CredentialRow[] = [];
    let cursor: string | undefined;
    do {
      const page = await listCredentials(world.ctx(), { limit: 4, cursor });
      seen.push(...page.credentials);
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    const of = (name: string) => seen.filter((row) => row.agentName === name).map((row) => row.purpose);
    for (const name of names) expect(of(name).sort()).toEqual([...PURPOSES].sort());
    expect(of("board-3")).toEqual([]);
    expect(new Set(seen.map((row) => row.id)).size).toBe(seen.length);
    const ends = seen.map((row) => row.notAfter.getTime());
    expect(ends).toEqual([...ends].sort((a, b) => a - b));
  });

  test("holds to one purpose when asked", async () => {
    const { credentials } = await listCredentials(world.ctx(), { purpose: "transport" });
    expect(new Set(credentials.map((row) => row.purpose))).toEqual(new Set(["transport"]));
  });
});

describe("an administrator", () => {
  const stand = (name: string, to: "active" | "suspended" | "retired", by?: Actor) => {
    const { db, actor, now } = world.ctx(by);
    const input = { name, to, reason: "a test of it" };
    return db.transaction((tx) => setAgentStanding(tx, { input, actor, now }));
  };
  const ban = (name: string, reason: string, by?: Actor) => {
    const { db, actor, now } = world.ctx(by);
    return db.transaction((tx) => banAgent(tx, { input: { name, reason }, actor, now }));
  };

  test("suspends an agent and lets it act again, each with a record of why", async () => {
    const { agentId } = await world.enrol("standing-1");
    expect(await stand("standing-1", "suspended")).toMatchObject({ status: "suspended" });
    expect(await stand("standing-1", "active")).toMatchObject({ status: "active" });
    const changes = (await recordsOf(agentId)).filter((each) => each.kind === "agent.status-changed");
    expect(changes.at(-1)?.body.toString()).toContain("a test of it");
  });

  test("does not free an agent from containment: that takes a second person", async () => {
    const { agentId } = await world.enrol("standing-2");
    await move(agentId, "contained");
    for (const to of ["active", "suspended"] as const)
      await expect(stand("standing-2", to)).rejects.toMatchObject({ code: "agent_contained", status: 409 });
  });

  test("bans an agent for good: certificates die, and no token or certificate is given again", async () => {
    const { agentId } = await world.enrol("banned-1");
    expect(await ban("banned-1", "stolen keys")).toMatchObject({ revoked: 5 });
    const tokens = createJoinToken(world.ctx(), { agentName: "banned-1" });
    await expect(tokens).rejects.toMatchObject({ code: "agent_barred" });
    await expect(ban("banned-1", "again")).rejects.toMatchObject({
      code: "agent_banned",
    });
    const kinds = (await recordsOf(agentId)).map((each) => each.kind);
    expect(kinds.filter((kind) => kind === "agent.banned")).toHaveLength(1);
    await stand("banned-1", "suspended");
    await expect(stand("banned-1", "active")).rejects.toMatchObject({ code: "illegal_transition" });
  });

  test("is who it takes: others are rejected", async () => {
    await world.enrol("standing-3");
    await expect(stand("standing-3", "suspended", ANALYST)).rejects.toMatchObject({ code: "not_permitted" });
    await expect(ban("standing-3", "not mine to ban", ANALYST)).rejects.toMatchObject({
      code: "not_permitted",
    });
  });
});

test("an agent reads nothing of the register", async () => {
  const { agentId, did } = await world.register("reader-1");
  const ctx = world.ctx({ type: "agent", id: agentId, name: "reader-1", did });
  for (const read of [listAgents(ctx, {}), readAgent(ctx, { name: "reader-1" }), listCredentials(ctx, {})])
    await expect(read).rejects.toMatchObject({ code: "not_permitted" });
});
