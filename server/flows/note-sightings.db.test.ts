import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { Actor } from "../kernel/actor.ts";
import { dismissShadowAgent } from "../layers/identity/dismiss-shadow-agent.ts";
import { OPEN_PER_WAY_MAX } from "../layers/identity/engine/place-sightings.ts";
import { listShadowAgents } from "../layers/identity/list-shadow-agents.ts";
import type { ShadowWay, Sighting } from "../layers/identity/shadow-schema.ts";
import {
  ADMIN,
  ANALYST,
  createIdentityWorld,
  type IdentityWorld,
} from "../layers/identity/testing/identity-world.ts";
import { noteSightings } from "./note-sightings.ts";
import { registerShadowAgent } from "./register-shadow-agent.ts";

const START = new Date("2026-03-02T10:00:00.000Z");
const at = (minute: number) => new Date(START.getTime() + minute * 60_000);

let database: TestDatabase;
let world: IdentityWorld;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await createIdentityWorld(database);
});
afterAll(async () => {
  await world?.close();
  await database?.close();
});

const ctx = (actor: Actor = ADMIN) => ({ db: database.db, actor, now: at(60) });
const sighting = (claimed: string, more: Partial<Sighting> = {}): Sighting => ({
  ...{ way: "certificate_foreign", claimed, issuer: "CN=elsewhere", evidence: "thumbprint" },
  ...{ network: "192.0.2.0/24", count: 1, firstAt: at(0), lastAt: at(0) },
  ...more,
});
const note = (minute: number, ...seen: Sighting[]) => noteSightings(database.db, seen, at(minute));
const find = async (claimed: string) => {
  const { shadowAgents } = await listShadowAgents(ctx(), { search: claimed });
  return shadowAgents.filter((it) => it.claimed === claimed);
};
const only = async (claimed: string) => {
  const [one, ...more] = await find(claimed);
  if (!one || more.length > 0) throw new Error(`${claimed}: not one finding`);
  return one;
};
async function alertsOf(way: ShadowWay) {
  const { rows } = await database.db.execute<{
    count: number;
    severity: string;
    detail: { claimed: string };
  }>(sql`select count, severity, detail from alerts where rule = ${`shadow_agent.${way}`}`);
  return rows;
}
async function recordsOf(id: string) {
  const { rows } = await database.db.execute<{ kind: string; actor: string; body: Buffer }>(sql`
    select r.kind, r.actor, r.body from audit_index i join audit_records r on r.id = i.record_id
    where i.value = ${`shadow-agent:${id}`} order by r.ord`);
  return rows;
}

describe("a finding", () => {
  it("is one row for an identity and its issuer, whenever and from wherever it comes back", async () => {
    await note(1, sighting("one", { count: 2 }));
    await note(5, sighting("one", { network: "198.51.100.0/24", lastAt: at(5), evidence: "newer" }));
    await note(6, sighting("one", { issuer: "CN=another" }));
    const rows = await find("one");
    expect(rows).toHaveLength(2);
    expect(rows.find((row) => row.issuer === "CN=elsewhere")).toMatchObject({
      ...{ count: 3, state: "open", network: "198.51.100.0/24", evidence: "newer" },
      ...{ firstSeenAt: at(0), lastSeenAt: at(5), ways: ["certificate_foreign"], many: false },
    });
  });

  it("tells every way in which it showed itself", async () => {
    await note(1, sighting("ways", { issuer: "" }));
    await note(2, sighting("ways", { issuer: "", way: "client_id" }));
    await note(3, sighting("ways", { issuer: "", way: "client_id" }));
    expect((await only("ways")).ways).toEqual(["certificate_foreign", "client_id"]);
  });

  it("raises its alert once, and leaves one record of having been sighted", async () => {
    const before = (await alertsOf("token_subject"))[0]?.count ?? 0;
    for (let minute = 0; minute < 5; minute += 1)
      await note(minute, sighting("once", { way: "token_subject" }));
    expect((await alertsOf("token_subject"))[0]).toMatchObject({ count: before + 1, severity: "high" });
    expect((await recordsOf((await only("once")).id)).map((it) => it.kind)).toEqual(["shadow-agent.sighted"]);
  });

  it("is written once where two gateways see it at once", async () => {
    const before = (await alertsOf("signature_key"))[0]?.count ?? 0;
    await Promise.all(Array.from({ length: 5 }, () => note(1, sighting("race", { way: "signature_key" }))));
    expect(await only("race")).toMatchObject({ count: 5 });
    expect((await alertsOf("signature_key"))[0]?.count).toBe(before + 1);
  });
});

describe("what is an agent's after all is no finding", () => {
  it("by its certificate, its key, its DID or its name; a foreign certificate that claims to be one is", async () => {
    const known = await world.enrol("known-agent");
    const { rows } = await database.db.execute<{ thumbprint: string; key_id: string; purpose: string }>(
      sql`select thumbprint, key_id, purpose from credentials where agent_id = ${known.agentId}`,
    );
    const of = (purpose: string) => rows.find((row) => row.purpose === purpose);
    const claimed = "spiffe://bank/agent/known-agent";
    await note(
      1,
      sighting(claimed, { way: "certificate_unknown", evidence: of("transport")?.thumbprint ?? "" }),
      sighting("key of known", { way: "signature_key", evidence: of("signature")?.key_id ?? "" }),
      sighting(known.did, { way: "token_subject" }),
      sighting(known.did, { way: "client_id", issuer: known.did }),
      sighting("known-agent", { way: "enrolment" }),
    );
    for (const name of [claimed, "key of known", known.did, "known-agent"])
      expect(await find(name)).toEqual([]);
    // Its own certificate fails the handshake like a foreign one once it has ended.
    await note(2, sighting(claimed, { evidence: of("transport")?.thumbprint ?? "" }));
    expect(await find(claimed)).toEqual([]);
    await note(3, sighting(claimed, { evidence: "another certificate" }));
    expect(await only(claimed)).toMatchObject({ ways: ["certificate_foreign"] });
  });
});

describe("nobody outside can fill the table", () => {
  it("ten thousand invented identities make no more rows than are allowed, and lose none of the count", async () => {
    for (let round = 0; round < 20; round += 1)
      await note(
        round,
        ...Array.from({ length: 500 }, (_, index) =>
          sighting(`flood-${round}-${index}`, { way: "enrolment", network: `10.${index % 100}.0.0/24` }),
        ),
      );
    const { rows } = await database.db.execute<{ rows: number; total: number }>(
      sql`select count(*)::int as rows, sum(count)::int as total from shadow_agents where ways[1] = 'enrolment'`,
    );
    expect(rows[0]?.rows).toBeLessThanOrEqual(OPEN_PER_WAY_MAX + 51);
    expect(rows[0]?.total).toBe(10_000);
    expect(await alertsOf("enrolment")).toHaveLength(1);
  });

  it("and a certificate of our own authority is a critical alert all the same", async () => {
    await note(30, sighting("ours", { way: "certificate_unknown", issuer: "CN=Vigil transport authority" }));
    expect(await only("ours")).toMatchObject({ many: false });
    expect(await alertsOf("certificate_unknown")).toMatchObject([
      { severity: "critical", detail: { claimed: "ours" } },
    ]);
  });
});

describe("deciding about a finding", () => {
  it("dismisses it with a reason and a record; it is counted on, and raises no alert again", async () => {
    await note(1, sighting("dismissed"));
    const { id, version } = await only("dismissed");
    await dismissShadowAgent(ctx(ANALYST), { id, version, reason: "a scanner of ours" });
    const alertsBefore = await alertsOf("certificate_foreign");
    await note(9, sighting("dismissed", { lastAt: at(9) }));
    expect(await only("dismissed")).toMatchObject({
      ...{ state: "dismissed", reason: "a scanner of ours", count: 2, lastSeenAt: at(9) },
      ...{ decidedBy: "analyst@test.bank", decidedAt: at(60), agent: null },
    });
    expect(await alertsOf("certificate_foreign")).toEqual(alertsBefore);
    const records = await recordsOf(id);
    expect(records.map((it) => [it.kind, it.actor])).toEqual([
      ["shadow-agent.sighted", "gateway"],
      ["shadow-agent.dismissed", "analyst@test.bank"],
    ]);
    expect(JSON.parse(records[1]?.body.toString("utf8") ?? "").details.reason).toBe("a scanner of ours");
  });

  it("registers it as an agent and links the two, or does neither", async () => {
    await note(1, sighting("spiffe://other/agent/reporting"));
    const { id, version, suggestedName } = await only("spiffe://other/agent/reporting");
    expect(suggestedName).toBe("reporting");
    const taken = registerShadowAgent(ctx(), { id, version, agent: { name: "known-agent" } });
    await expect(taken).rejects.toMatchObject({ code: "agent_name_taken" });
    expect((await only("spiffe://other/agent/reporting")).state).toBe("open");
    const stale = registerShadowAgent(ctx(), { id, version: version + 1, agent: { name: "reporting" } });
    await expect(stale).rejects.toMatchObject({ code: "shadow_agent_changed" });
    const { rows } = await database.db.execute(sql`select 1 from agents where name = 'reporting'`);
    expect(rows).toEqual([]);
    const made = await registerShadowAgent(ctx(), { id, version, agent: { name: "reporting" } });
    expect(await only("spiffe://other/agent/reporting")).toMatchObject({
      ...{ state: "registered", agent: { id: made.agentId, name: "reporting" }, decidedBy: ADMIN_EMAIL },
    });
    expect((await recordsOf(id)).at(-1)?.kind).toBe("shadow-agent.registered");
  });

  it("of two people who decide at once one is told that the other was first", async () => {
    await note(1, sighting("contested"));
    const { id, version } = await only("contested");
    const outcomes = await Promise.allSettled([
      dismissShadowAgent(ctx(ANALYST), { id, version, reason: "not ours" }),
      registerShadowAgent(ctx(), { id, version, agent: { name: "contested" } }),
    ]);
    expect(outcomes.filter((it) => it.status === "fulfilled")).toHaveLength(1);
    expect(outcomes.find((it) => it.status === "rejected")).toMatchObject({
      reason: { code: "shadow_agent_changed" },
    });
  });

  it("refuses whoever lacks the permission, and what is not there", async () => {
    await note(1, sighting("guarded"));
    const { id, version } = await only("guarded");
    const nobody = { ...(ANALYST as Extract<Actor, { type: "operator" }>), roles: ["auditor"] };
    const dismiss = dismissShadowAgent(ctx(nobody), { id, version, reason: "not ours" });
    await expect(dismiss).rejects.toMatchObject({ code: "not_permitted" });
    const register = registerShadowAgent(ctx(ANALYST), { id, version, agent: { name: "guarded" } });
    await expect(register).rejects.toMatchObject({ code: "not_permitted" });
    const read = listShadowAgents(ctx({ ...nobody, roles: [] }), {});
    await expect(read).rejects.toMatchObject({ code: "not_permitted" });
    const missing = { id: "00000000-0000-7000-8000-000000000000", version, reason: "not ours" };
    await expect(dismissShadowAgent(ctx(ANALYST), missing)).rejects.toMatchObject({
      code: "shadow_agent_unknown",
    });
    await expect(dismissShadowAgent(ctx(ANALYST), { id, version, reason: " " })).rejects.toThrow();
    expect((await only("guarded")).state).toBe("open");
  });
});

describe("the list", () => {
  it("pages through all of them once, last seen first, by state and way", async () => {
    for (let index = 0; index < 7; index += 1)
      await note(index, sighting(`paged-${index}`, { way: "client_id", lastAt: at(100 + index) }));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listShadowAgents(ctx(), { search: "paged-", limit: 3, cursor });
      expect(page.total).toBe(7);
      seen.push(...page.shadowAgents.map((it) => it.claimed));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((index) => `paged-${index}`));
    const dismissed = await listShadowAgents(ctx(), { state: "dismissed", search: "paged-" });
    expect(dismissed).toMatchObject({ shadowAgents: [], total: 0 });
    const byWay = await listShadowAgents(ctx(), { way: "client_id", search: "paged-" });
    expect(byWay.shadowAgents).toHaveLength(7);
  });
  it("tells one finding by its id, on whichever page it would be", async () => {
    await note(1, sighting("by-id"));
    const { id } = await only("by-id");
    const page = await listShadowAgents(ctx(), { id, limit: 1 });
    expect(page).toMatchObject({ shadowAgents: [{ claimed: "by-id" }], total: 1, nextCursor: null });
  });
  it("takes a search literally", async () => {
    await note(1, sighting("100%_sure"));
    expect((await listShadowAgents(ctx(), { search: "100%_" })).total).toBe(1);
    expect((await listShadowAgents(ctx(), { search: "%_%_%_" })).total).toBe(0);
  });
});

const ADMIN_EMAIL = "admin@test.bank";
