import https from "node:https";
import { decodeProtectedHeader, type JSONWebKeySet } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditRecords } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { Role } from "../../access/permissions.ts";
import { listTokenKeys } from "../../layers/authorization/list-token-keys.ts";
import { rotateTokenKey } from "../../layers/authorization/rotate-token-key.ts";
import { makePerson } from "../../layers/authorization/testing/people-and-agents.ts";
import { type Gateway, startGateway } from "../main.ts";
import { freePort, type System, startSystem } from "../testing/start-system.ts";
import { connect, makeAgent, send, type TestAgent } from "../testing/test-agent.ts";
import { forger, postForm, type TokenAnswer, tokenForm } from "./testing/token-client.ts";

let database: TestDatabase;
let system: System;
let far: Gateway;
let agents: TestAgent[];
/** The two gateways' doors: agents' and public. */
let doors: { agents: string; open: string }[];

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  const [gatewayPort, enrolPort] = [await freePort(), await freePort()];
  far = await startGateway({ ...system.env, gatewayPort, enrolPort });
  agents = [await makeAgent(system, "rotating-1"), await makeAgent(system, "rotating-2")];
  doors = [
    { agents: system.env.gatewayUrl, open: system.env.enrolUrl },
    { agents: `https://localhost:${gatewayPort}`, open: `https://localhost:${enrolPort}` },
  ];
});
afterAll(async () => {
  for (const agent of agents ?? []) await agent.close();
  await far?.close();
  await system?.close();
  await database?.close();
});

type Door = { agents: string; open: string };
/** A new token from this gateway. */
async function ask(agent: TestAgent, door: Door): Promise<TokenAnswer> {
  const pool = connect(agent.rootPem, agent.credential("transport"));
  const answer = await send(pool, `${door.agents}/oauth/token`, {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from((await tokenForm(system, agent)).toString()),
  });
  pool.destroy();
  return answer as unknown as TokenAnswer;
}
const tokenFrom = async (agent: TestAgent, door: Door) => String((await ask(agent, door)).body.access_token);
async function report(agent: TestAgent, door: Door, token: string) {
  const pool = connect(agent.rootPem, agent.credential("transport"));
  const targetUri = `${door.agents}/v1/actions`;
  const body = JSON.stringify([{ action: "transactions.read", at: new Date().toISOString() }]);
  const answer = await send(pool, targetUri, await agent.sign(body, { token, targetUri }));
  pool.destroy();
  return [answer.status, answer.body.error?.code];
}
const kidOf = (token: string) => decodeProtectedHeader(token).kid ?? "";
async function publishedAt(door: Door): Promise<string[]> {
  const pool = new https.Agent({ ca: agents[0]?.rootPem, servername: "localhost" });
  const answer = await send(pool, `${door.open}/.well-known/jwks.json`, { method: "GET" });
  pool.destroy();
  return (answer.body as unknown as JSONWebKeySet).keys.map(({ kid }) => kid ?? "");
}
const operator = async (roles: Role[]) => ({
  ...{ db: system.db, actor: await makePerson(system.db, roles), now: new Date() },
});
const keys = async () => listTokenKeys(await operator(["admin"]));
const signing = async () => (await keys()).find(({ phase }) => phase === "signing")?.keyId ?? "";
/** Moves the next key's time, as time itself would: gateways go by the stored instant alone. */
const bringForward = (to: string) =>
  database.asSuper((client) =>
    client.query(
      `update token_keys set signs_from = ${to} where generation = (select max(generation) from token_keys where activated_at is null)`,
    ),
  );
async function recordsOf(kind: string): Promise<Record<string, unknown>[]> {
  const rows = await system.db.select().from(auditRecords);
  return rows
    .filter((row) => row.kind === kind)
    .map((row) => JSON.parse(row.body.toString("utf8")).details as Record<string, unknown>);
}

describe("the key that signs tokens", () => {
  it("rotates under a load of token requests and reports on two gateways, and nobody is refused", async () => {
    const [old, next] = (await keys()).map(({ keyId }) => keyId) as [string, string];
    const first = await tokenFrom(agents[0] as TestAgent, doors[0] as Door);
    expect(kidOf(first)).toBe(old);
    for (const door of doors) expect(await publishedAt(door)).toEqual([old, next]);

    const answers = new Map<string, number>();
    const kids: string[][] = [[], []];
    let going = true;
    const count = (what: string) => answers.set(what, (answers.get(what) ?? 0) + 1);
    const lanes = agents.flatMap((agent) =>
      doors.map(async (door, at) => {
        while (going) {
          const asked = await ask(agent, door);
          count(`token ${asked.status}`);
          const token = String(asked.body.access_token);
          kids[at]?.push(kidOf(token));
          for (const there of doors) count(`report ${await report(agent, there, token)}`);
        }
      }),
    );
    await bringForward("clock_timestamp() + interval '1.5 seconds'");
    await expect
      .poll(() => kids.every((seen) => seen.filter((kid) => kid === next).length > 5), { timeout: 20_000 })
      .toBe(true);
    going = false;
    await Promise.all(lanes);

    expect([...answers.keys()].sort()).toEqual(["report 202,", "token 200"]);
    for (const seen of kids) {
      expect(new Set(seen)).toEqual(new Set([old, next]));
      expect(seen.lastIndexOf(old)).toBeGreaterThan(0);
    }
    for (const door of doors) {
      expect(await report(agents[0] as TestAgent, door, first)).toEqual([202, undefined]);
      expect(await publishedAt(door)).toEqual(expect.arrayContaining([old, next]));
    }
  });

  it("has each of its steps in the log once, whichever gateway took it", async () => {
    await expect
      .poll(async () => (await recordsOf("token-key.published")).map((it) => it.generation))
      .toEqual([1, 2, 3]);
    await expect
      .poll(async () => (await recordsOf("token-key.activated")).map((it) => it.generation))
      .toEqual([1, 2]);
    expect(await recordsOf("token-key.retired")).toEqual([]);
  });

  it("is refused with what it signed once it is retired, and is published no longer", async () => {
    const tokens = await forger(system);
    const [retired] = await keys();
    const store = await forgerOf(1);
    const old = await store(agents[0] as TestAgent);
    expect(kidOf(old)).toBe(retired?.keyId);
    for (const door of doors)
      expect(await report(agents[0] as TestAgent, door, old)).toEqual([202, undefined]);
    await database.asSuper((client) =>
      client.query(
        "update token_keys set signs_from = signs_from - interval '63 minutes' where generation = 2",
      ),
    );
    for (const door of doors) {
      await expect
        .poll(() => report(agents[0] as TestAgent, door, old), { timeout: 10_000 })
        .toEqual([401, "token_key_retired"]);
      expect(await publishedAt(door)).not.toContain(retired?.keyId);
      // What the key after it signed counts as before.
      expect(await report(agents[0] as TestAgent, door, await tokens.forge(agents[0] as TestAgent))).toEqual([
        202,
        undefined,
      ]);
    }
    await expect
      .poll(async () => (await recordsOf("token-key.retired")).map((it) => it.generation))
      .toEqual([1]);
    expect((await keys())[0]).toMatchObject({
      phase: "retired",
      publicJwk: { kty: "OKP", kid: retired?.keyId },
    });
  });

  it("that is none of this system's is refused by its id", async () => {
    const tokens = await forger(system);
    const token = await tokens.forge(agents[0] as TestAgent, {}, { kid: "somebody-elses" });
    for (const door of doors)
      expect(await report(agents[0] as TestAgent, door, token)).toEqual([401, "token_key_unknown"]);
  });

  it("that somebody wrote into the database is trusted by nobody", async () => {
    const { generateKeyPairSync } = await import("node:crypto");
    const pair = generateKeyPairSync("ed25519");
    const publicJwk = { ...pair.publicKey.export({ format: "jwk" }), kid: "planted", alg: "EdDSA" };
    await database.asSuper((client) =>
      client.query("update sealed_keys set public_jwk = $1 where name = 'token:2'", [publicJwk]),
    );
    await database.asSuper((client) =>
      client.query("update token_keys set public_jwk = $1 where generation = 2", [publicJwk]),
    );
    const tokens = await forger(system);
    for (const kid of ["planted", await signing()]) {
      const token = await tokens.forge(agents[0] as TestAgent, {}, { kid }, pair.privateKey);
      expect((await report(agents[0] as TestAgent, doors[0] as Door, token))[0]).toBe(401);
    }
    expect(await publishedAt(doors[0] as Door)).not.toContain("planted");
  });
});

describe("an operator who doubts the key", () => {
  it.each<Role>(["analyst", "approver", "compliance", "auditor"])("is refused as %s", async (role) => {
    const ctx = await operator([role]);
    const asked = rotateTokenKey(ctx, {
      keyId: await signing(),
      doubt: "signing-key",
      reason: "a laptop was stolen",
    });
    await expect(asked).rejects.toMatchObject({ code: "not_permitted" });
  });

  it("kills every token of it at once, at both gateways, and the key that everybody knows signs", async () => {
    const [agent] = agents as [TestAgent];
    const doubted = await signing();
    const next = (await keys()).find(({ phase }) => phase === "standby")?.keyId;
    const old = await tokenFrom(agent, doors[1] as Door);
    expect(kidOf(old)).toBe(doubted);
    const ctx = await operator(["admin"]);
    const said = await rotateTokenKey(ctx, {
      keyId: doubted,
      doubt: "signing-key",
      reason: "a laptop was stolen",
    });
    expect(said).toEqual({ tainted: [doubted], signs: next });
    for (const door of doors) {
      await expect
        .poll(() => report(agent, door, old), { timeout: 5_000 })
        .toEqual([401, "token_key_tainted"]);
      const fresh = await tokenFrom(agent, door);
      expect(kidOf(fresh)).toBe(next);
      for (const there of doors) expect(await report(agent, there, fresh)).toEqual([202, undefined]);
      expect(await publishedAt(door)).not.toContain(doubted);
    }
    const asked = await postForm(system, agent, new URLSearchParams({ token: old }), {
      path: "/oauth/introspect",
    });
    expect(asked.body).toEqual({ active: false });
    expect((await recordsOf("token-key.tainted")).at(-1)).toMatchObject({
      tainted: [doubted],
      signs: next,
      reason: "a laptop was stolen",
    });
  });

  it("and doubts all of them gets a new one, made by a gateway, that signs at once", async () => {
    const [agent] = agents as [TestAgent];
    await expect.poll(async () => (await keys()).some(({ phase }) => phase === "standby")).toBe(true);
    const before = (await keys()).map(({ keyId }) => keyId);
    const said = await rotateTokenKey(await operator(["admin"]), {
      ...{ keyId: await signing(), doubt: "all-keys", reason: "the key-encryption key is out" },
    });
    expect(said.signs).toBeNull();
    expect(said.tainted.length).toBeGreaterThanOrEqual(2);
    for (const door of doors) {
      await expect
        .poll(async () => before.includes(kidOf(await tokenFrom(agent, door))), { timeout: 5_000 })
        .toBe(false);
      const fresh = await tokenFrom(agent, door);
      for (const there of doors)
        await expect.poll(() => report(agent, there, fresh)).toEqual([202, undefined]);
    }
  });

  it("is told when somebody else did it first: of two at once, one rotates", async () => {
    const input = { keyId: await signing(), doubt: "signing-key", reason: "both saw the same" } as const;
    const ctx = await operator(["admin"]);
    const both = await Promise.allSettled([rotateTokenKey(ctx, input), rotateTokenKey(ctx, input)]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(both.find((it) => it.status === "rejected")).toMatchObject({
      reason: { code: "token_key_changed" },
    });
  });

  it("cannot be undone in the database: a tainted key stays so, and no key is put off", async () => {
    const change = (set: string, where: string) =>
      database.asSuper((client) => client.query(`update token_keys set ${set} where ${where}`));
    await expect(change("tainted_at = null", "tainted_at is not null")).rejects.toThrow(/only goes forward/);
    await expect(change("signs_from = signs_from + interval '1 day'", "tainted_at is null")).rejects.toThrow(
      /only goes forward/,
    );
  });
});

/** Signs with the key of one generation, whatever has become of it. */
async function forgerOf(generation: number) {
  const { createKeyStore } = await import("../../keys/key-store.ts");
  const { roleKekFromEnv } = await import("../../keys/role-kek.ts");
  const { tokenKeyName } = await import("../../layers/authorization/token-key-store.ts");
  const store = createKeyStore(system.db, "gateway", roleKekFromEnv(system.env, "gateway"));
  const key = await store.open(tokenKeyName(generation));
  const tokens = await forger(system);
  return (agent: TestAgent) => tokens.forge(agent, {}, { kid: key.keyId }, key.privateKey);
}
