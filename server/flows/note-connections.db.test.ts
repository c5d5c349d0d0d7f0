import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { Actor } from "../kernel/actor.ts";
import { uuidv7 } from "../kernel/ids.ts";
import { type SeenConnection, tlsPolicyFrom } from "../layers/identity/connection-schema.ts";
import { listConnections } from "../layers/identity/list-connections.ts";
import { registerAgent } from "../layers/identity/register-agent.ts";
import { ADMIN, ANALYST } from "../layers/identity/testing/identity-world.ts";
import { noteConnections } from "./note-connections.ts";

type Operator = Extract<Actor, { type: "operator" }>;
const policy = tlsPolicyFrom("TLSv1.3");
const START = new Date("2026-03-02T10:00:00.000Z");
const at = (minutes: number) => new Date(START.getTime() + minutes * 60_000);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.close());

let made = 0;
async function newAgent(): Promise<{ agentId: string; name: string }> {
  made += 1;
  const name = `observed-${made}`;
  const { agentId } = await registerAgent({ db: database.db, actor: ADMIN, now: START }, { name });
  return { agentId, name };
}

const seen = (agentId: string, minute: number, more: Partial<SeenConnection> = {}): SeenConnection => ({
  agentId,
  thumbprint: "thumbprint",
  path: "direct",
  version: "TLSv1.3",
  cipher: "TLS_AES_256_GCM_SHA384",
  keyExchange: "",
  count: 1,
  resumed: 0,
  firstAt: at(minute),
  lastAt: at(minute),
  ...more,
});
const note = (minute: number, ...batch: SeenConnection[]) =>
  noteConnections(database.db, { seen: batch, policy, now: at(minute) });
const list = (name: string, actor = ANALYST) =>
  listConnections({ db: database.db, actor, now: at(0) }, { name }, "TLSv1.3");
async function alertsOf(agentId: string) {
  const { rows } = await database.db.execute<{ rule: string; count: number; severity: string }>(
    sql`select rule, count, severity from alerts where agent_id = ${agentId} order by rule`,
  );
  return rows;
}

describe("what connections negotiated", () => {
  it("is added up by certificate and outcome, and says which the policy allows", async () => {
    const { agentId, name } = await newAgent();
    await note(1, seen(agentId, 0, { count: 3, resumed: 2 }));
    await note(9, seen(agentId, 8), seen(agentId, 5, { thumbprint: "next", count: 2, resumed: 2 }));
    const { connections, policy: lines } = await list(name);
    expect(connections).toMatchObject([
      {
        allowed: true,
        count: 6,
        resumed: 4,
        firstSeenAt: at(0),
        lastSeenAt: at(8),
        certificates: [
          { thumbprint: "thumbprint", count: 4 },
          { thumbprint: "next", count: 2 },
        ],
      },
    ]);
    expect(lines).toEqual(["TLSv1.3 TLS_AES_256_GCM_SHA384", "TLSv1.3 TLS_AES_128_GCM_SHA256"]);
  });

  it("does not grow with the certificates of each day: the older are folded, and no count is lost", async () => {
    const { agentId, name } = await newAgent();
    for (let day = 0; day < 40; day += 1)
      await note(day, seen(agentId, day, { thumbprint: `day-${day}`, count: 2, resumed: 1 }));
    const { connections } = await list(name);
    expect(connections).toHaveLength(1);
    expect(connections[0]).toMatchObject({ count: 80, resumed: 40, firstSeenAt: at(0), lastSeenAt: at(39) });
    expect(connections[0]?.certificates.map((it) => it.thumbprint)).toEqual([
      ...Array.from({ length: 8 }, (_, day) => `day-${39 - day}`),
      "earlier",
    ]);
  });

  it("is remembered after folding: what an agent negotiated a hundred certificates ago is no drift", async () => {
    const { agentId } = await newAgent();
    await note(0, seen(agentId, 0, { cipher: "TLS_AES_128_GCM_SHA256" }));
    for (let day = 1; day < 20; day += 1) await note(day, seen(agentId, day, { thumbprint: `day-${day}` }));
    expect(await alertsOf(agentId)).toEqual([{ rule: "tls_drift", count: 1, severity: "medium" }]);
    await note(21, seen(agentId, 21, { cipher: "TLS_AES_128_GCM_SHA256", thumbprint: "new" }));
    expect(await alertsOf(agentId)).toHaveLength(1);
  });

  it("raises drift once where two gateways write the same first at once", async () => {
    const { agentId } = await newAgent();
    await note(0, seen(agentId, 0));
    const drifted = seen(agentId, 1, { cipher: "TLS_AES_128_GCM_SHA256" });
    await Promise.all(Array.from({ length: 5 }, () => note(1, drifted)));
    expect(await alertsOf(agentId)).toEqual([{ rule: "tls_drift", count: 1, severity: "medium" }]);
  });

  it("outside the policy is an alert at once, and a standing one is no flood", async () => {
    const { agentId, name } = await newAgent();
    const weak = { path: "hop", version: "TLSv1.2", cipher: "ECDHE-RSA-AES128-SHA" } as const;
    for (let minute = 0; minute < 30; minute += 1) await note(minute, seen(agentId, minute, weak));
    expect(await alertsOf(agentId)).toEqual([{ rule: "tls_outside_policy", count: 1, severity: "high" }]);
    expect((await list(name)).connections).toMatchObject([{ path: "hop", allowed: false, count: 30 }]);
    await note(90, seen(agentId, 90, weak));
    expect(await alertsOf(agentId)).toEqual([{ rule: "tls_outside_policy", count: 2, severity: "high" }]);
  });

  it("is written with nothing where one row of the batch is of no agent", async () => {
    const { agentId, name } = await newAgent();
    await expect(note(0, seen(agentId, 0), seen(uuidv7(0), 0))).rejects.toThrow();
    expect((await list(name)).connections).toEqual([]);
  });
});

describe("who may read it", () => {
  it("refuses whoever lacks the permission", async () => {
    const { name } = await newAgent();
    await expect(list(name, { ...(ANALYST as Operator), roles: [] })).rejects.toMatchObject({
      code: "not_permitted",
    });
  });
  it("says that there is no such agent", async () => {
    await expect(list("never-registered")).rejects.toMatchObject({ code: "agent_unknown" });
  });
});
