import { randomBytes, randomUUID } from "node:crypto";
import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  agents,
  auditRecords,
  isolationConfirmations,
  isolationStates,
  processes,
  windowSlices,
  zones,
} from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { Actor } from "../../kernel/actor.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { decidePeer } from "./engine/decide-peer.ts";
import { ensureZones } from "./ensure-zones.ts";
import { loadZoneMap } from "./load-zone-map.ts";
import { readIsolationMap } from "./read-isolation-map.ts";
import { registerPeer } from "./register-peer.ts";
import { setIsolation } from "./set-isolation.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await ensureZones(database.db);
});
afterAll(() => database.close());

const person = (role: string): Actor => ({
  type: "operator",
  id: randomUUID(),
  email: `${role}@bank.example`,
  roles: [role],
  sessionId: null,
});
const system: Actor = { type: "system", id: "monitoring" };
async function makeAgent(zone = "a") {
  const name = `agent-${randomBytes(5).toString("hex")}`;
  const row = {
    id: uuidv7(NOW.getTime()),
    name,
    did: `did:bank:agent:${name}`,
    zone,
    status: "active",
    createdAt: NOW,
  };
  await database.db.insert(agents).values(row);
  return row;
}
type Change = Omit<Parameters<typeof setIsolation>[1], "now" | "reason" | "actor"> & { actor?: Actor };
const set = (change: Change) =>
  database.db.transaction((tx) => setIsolation(tx, { reason: "a test", now: NOW, actor: system, ...change }));

describe("setting isolation", () => {
  test("every change is a new epoch, also when many come at once", async () => {
    const { id } = await makeAgent();
    const epochs = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        set({ agentId: id, state: "limited", limitPerMinute: 10 + i }).then(({ epoch }) => epoch),
      ),
    );
    expect([...epochs].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const [row] = await database.db.select().from(isolationStates).where(eq(isolationStates.agentId, id));
    expect(row).toMatchObject({ state: "limited", epoch: 10, changedBy: "monitoring" });
  });

  test("each change leaves its record with what was before", async () => {
    const { id } = await makeAgent();
    await set({ agentId: id, state: "deny_all", actor: person("analyst") });
    await set({ agentId: id, state: "open", actor: person("approver") });
    const rows = await database.db
      .select()
      .from(auditRecords)
      .where(eq(auditRecords.agentId, id))
      .orderBy(asc(auditRecords.ord));
    expect(rows.map((row) => [row.kind, row.actor, JSON.parse(row.body.toString()).details])).toMatchObject([
      ["isolation.changed", "analyst@bank.example", { from: "open", to: "deny_all", epoch: 1 }],
      ["isolation.changed", "approver@bank.example", { from: "deny_all", to: "open", epoch: 2 }],
    ]);
  });

  test("who contains may not let go: leaving deny_all needs the permission to release", async () => {
    const { id } = await makeAgent();
    for (const role of ["auditor", "compliance", "admin", "approver"])
      await expect(set({ agentId: id, state: "deny_all", actor: person(role) })).rejects.toMatchObject({
        code: "not_permitted",
      });
    await set({ agentId: id, state: "deny_all", actor: person("analyst") });
    await expect(set({ agentId: id, state: "open", actor: person("analyst") })).rejects.toMatchObject({
      code: "not_permitted",
    });
    await expect(
      set({ agentId: id, state: "limited", limitPerMinute: 100_000, actor: person("analyst") }),
    ).rejects.toMatchObject({ code: "not_permitted" });
    const agent: Actor = { type: "agent", id, name: "x", did: "did:x" };
    await expect(set({ agentId: id, state: "open", actor: agent })).rejects.toMatchObject({
      code: "not_permitted",
    });
  });

  test("a limit that is decided late never loosens a containment", async () => {
    const { id } = await makeAgent();
    await set({ agentId: id, state: "deny_all" });
    await expect(
      set({ agentId: id, state: "limited", limitPerMinute: 60, onlyFrom: ["open", "limited"] }),
    ).rejects.toMatchObject({
      code: "isolation_changed",
      message: expect.stringContaining("set by monitoring"),
    });
    const [row] = await database.db.select().from(isolationStates).where(eq(isolationStates.agentId, id));
    expect(row).toMatchObject({ state: "deny_all", epoch: 1 });
  });

  test.each([undefined, 0, -1, 1.5, Number.NaN, 100_001])(
    "a limit of %s is no limit",
    async (limitPerMinute) => {
      const { id } = await makeAgent();
      await expect(set({ agentId: id, state: "limited", limitPerMinute })).rejects.toMatchObject({
        code: "limit_invalid",
      });
    },
  );

  test("an agent that is not there cannot be isolated", async () => {
    await expect(set({ agentId: randomUUID(), state: "deny_all" })).rejects.toMatchObject({
      code: "agent_unknown",
    });
  });
});

describe("zones", () => {
  test("an installation that has zones keeps them as they are", async () => {
    await database.db.update(zones).set({ title: "Ours" }).where(eq(zones.name, "a"));
    await ensureZones(database.db);
    const [row] = await database.db.select().from(zones).where(eq(zones.name, "a"));
    expect(row?.title).toBe("Ours");
  });

  test("a registered peer is reached by its zone's rules, until it is moved", async () => {
    const ctx = { db: database.db, actor: person("admin"), now: NOW };
    const name = `ledger-${randomBytes(3).toString("hex")}`;
    const decide = async () =>
      decidePeer({ agentZone: "a", peer: name, zones: await loadZoneMap(database.db) }).outcome;
    expect(await decide()).toBe("deny");
    await registerPeer(ctx, { name, zone: "shared", title: "Ledger" });
    await registerPeer(ctx, { name, zone: "shared", title: "Ledger" });
    expect(await decide()).toBe("allow");
    await registerPeer(ctx, { name, zone: "external", title: "Ledger" });
    expect(await decide()).toBe("deny");
    const records = await database.db
      .select()
      .from(auditRecords)
      .where(eq(auditRecords.kind, "peer.registered"));
    expect(records.filter((row) => row.body.toString().includes(name))).toHaveLength(2);
    await expect(registerPeer(ctx, { name, zone: "nowhere", title: "x" })).rejects.toMatchObject({
      code: "zone_unknown",
    });
    await expect(
      registerPeer({ ...ctx, actor: person("analyst") }, { name, zone: "a", title: "x" }),
    ).rejects.toMatchObject({ code: "not_permitted" });
  });
});

describe("the map", () => {
  test("shows what may and what did reach what, and who has confirmed the epoch that holds", async () => {
    const agent = await makeAgent("a");
    const gatewayId = `gateway-${randomUUID()}`;
    await database.db.insert(processes).values([
      { id: gatewayId, role: "gateway", startedAt: NOW, seenAt: NOW },
      {
        id: `gateway-${randomUUID()}`,
        role: "gateway",
        startedAt: NOW,
        seenAt: new Date(NOW.getTime() - 6_000),
      },
    ]);
    await set({ agentId: agent.id, state: "limited", limitPerMinute: 5 });
    await set({ agentId: agent.id, state: "deny_all" });
    const confirmation = { agentId: agent.id, gatewayId, connectionsCut: 3, confirmedAt: NOW };
    await database.db.insert(isolationConfirmations).values([
      { ...confirmation, epoch: 1, connectionsCut: 0 },
      { ...confirmation, epoch: 2 },
    ]);
    const peers = { n: { [agent.name]: 4, "made-up": 2 }, other: 0 };
    await database.db
      .insert(windowSlices)
      .values({ agentId: agent.id, sliceAt: NOW, state: { v: 1, peers } });
    const map = await readIsolationMap({ db: database.db, actor: person("auditor"), now: NOW });
    expect(map.gateways).toEqual([gatewayId]);
    expect(map.agents.find(({ id }) => id === agent.id)).toMatchObject({
      state: "deny_all",
      epoch: 2,
      confirmations: [{ gatewayId, connectionsCut: 3 }],
    });
    expect(map.observed).toEqual([
      { from: "a", to: "a", peer: agent.name, calls: 4, allowed: true },
      { from: "a", to: null, peer: "made-up", calls: 2, allowed: false },
    ]);
    expect(map.edges).toContainEqual(expect.objectContaining({ from: "c", to: "external" }));
  });
});
