import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Database } from "../../../db/client.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { readHealth } from "../../flows/read-health.ts";
import { createKeyStore } from "../../keys/key-store.ts";
import { seal } from "../../keys/seal.ts";
import { startGateway } from "../main.ts";
import { freePort, type System, startSystem } from "../testing/start-system.ts";
import { connect, makeAgent, send, type TestAgent } from "../testing/test-agent.ts";
import { openTokenKeys } from "./token-keys.ts";

const kek = randomBytes(32);
const now = new Date();
/** Each leaves the sealed key of one generation such that it cannot be opened. */
const DAMAGE: [string, (db: TestDatabase, name: string) => Promise<unknown>][] = [
  ["has a byte changed", (db, name) => put(db, name, "set_byte(sealed, 20, get_byte(sealed, 20) # 1)")],
  ["is cut off", (db, name) => put(db, name, "substring(sealed from 1 for 5)")],
  [
    "is sealed under another key-encryption key",
    (db, name) => put(db, name, "$2", seal(randomBytes(32), `sealed_keys/${name}/gateway`, randomBytes(48))),
  ],
  [
    "is well sealed and no key",
    (db, name) => put(db, name, "$2", seal(kek, `sealed_keys/${name}/gateway`, Buffer.from("no key"))),
  ],
  [
    "is gone",
    (db, name) =>
      db.asSuper(async (client) => {
        await client.query("alter table sealed_keys disable trigger user");
        await client.query("delete from sealed_keys where name = $1", [name]);
        await client.query("alter table sealed_keys enable trigger user");
      }),
  ],
];

function put(db: TestDatabase, name: string, value: string, ...more: unknown[]) {
  return db.asSuper(async (client) => {
    const { rowCount } = await client.query(`update sealed_keys set sealed = ${value} where name = $1`, [
      name,
      ...more,
    ]);
    expect(rowCount).toBe(1);
  });
}

function logged() {
  const lines: { level: number; msg: string; keyId?: string; generation?: number }[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { log, errors: () => lines.filter(({ level }) => level >= 50) };
}

describe("one token key that cannot be opened", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
    return () => database.close();
  });
  const open = (log = pino({ level: "silent" }), db: Database = database.db) =>
    openTokenKeys({ db, keys: createKeyStore(db, "gateway", kek), log, clock: () => now });

  it.each(DAMAGE)("is left out and said aloud once, where the key that stands by %s", async (_, damage) => {
    const before = await open();
    const [signs, standby] = before.published(now).keys;
    await damage(database, "token:2");
    const { log, errors } = logged();
    const keys = await open(log);
    expect((await keys.signing(now)).keyId).toBe(signs?.kid);
    expect(keys.published(now).keys.map(({ kid }) => kid)).toEqual([signs?.kid]);
    expect(keys.judge(String(signs?.kid), now).verdict).toBe("trusted");
    expect(keys.judge(String(standby?.kid), now).verdict).toBe("unknown");
    for (let i = 0; i < 3; i++) await keys.read();
    expect(errors()).toMatchObject([{ generation: 2, keyId: standby?.kid }]);
    expect(keys.unopened(now)).toEqual(["token:2"]);
  });

  it("does not stop one that is mended from counting again", async () => {
    const standby = (await open()).published(now).keys[1]?.kid;
    await put(database, "token:2", "set_byte(sealed, 20, get_byte(sealed, 20) # 1)");
    const keys = await open();
    await put(database, "token:2", "set_byte(sealed, 20, get_byte(sealed, 20) # 1)");
    await keys.read();
    expect(keys.judge(String(standby), now).verdict).toBe("trusted");
    expect(keys.unopened(now)).toEqual([]);
  });

  it("keeps a gateway from starting where it is the one that signs, and says which", async () => {
    await open();
    await put(database, "token", "set_byte(sealed, 20, get_byte(sealed, 20) # 1)");
    await expect(open()).rejects.toMatchObject({
      code: "sealed_blob_unopenable",
      facts: { context: "sealed_keys/token/gateway" },
    });
  });

  it("whose turn to sign has come takes no token away that others signed, and signs nothing", async () => {
    const first = (await open()).published(now).keys[0]?.kid;
    await put(database, "token:2", "set_byte(sealed, 20, get_byte(sealed, 20) # 1)");
    const keys = await open();
    await database.asSuper((client) =>
      client.query("update token_keys set signs_from = $1 where generation = 2", [now]),
    );
    await keys.read();
    expect(keys.judge(String(first), now).verdict).toBe("trusted");
    await expect(keys.signing(now)).rejects.toMatchObject({ code: "sealed_blob_unopenable" });
  });

  it("is not what a database that fails looks like: the read fails, and what was held stays", async () => {
    const select = vi.fn(database.db.select.bind(database.db));
    const db = Object.assign(Object.create(database.db), { select }) as Database;
    const { log, errors } = logged();
    const keys = await open(log, db);
    const held = keys.published(now);
    await database.asSuper((client) =>
      client.query(
        `insert into token_keys (generation, key_id, public_jwk, published_at, signs_from)
        select 3, 'third', public_jwk, published_at, signs_from + interval '30 days' from token_keys where generation = 2`,
      ),
    );
    // The list is read; what is asked for next, the key itself, is not answered.
    select.mockImplementationOnce(select.getMockImplementation() as never);
    select.mockImplementationOnce(() => {
      throw new Error("the database is away");
    });
    await expect(keys.read()).rejects.toThrow("the database is away");
    expect(keys.published(now)).toEqual(held);
    expect([keys.unopened(now), errors()]).toEqual([[], []]);
  });
});

describe("gateways beside a token key that none of them can open", () => {
  let database: TestDatabase;
  let system: System;
  let agent: TestAgent;
  beforeAll(async () => {
    database = await createTestDatabase();
    system = await startSystem(database.urls);
    agent = await makeAgent(system, "beside-a-broken-key");
  });
  afterAll(async () => {
    await agent?.close();
    await system?.close();
    await database?.close();
  });

  async function report(gatewayUrl: string): Promise<number> {
    const pool = connect(agent.rootPem, agent.credential("transport"));
    const targetUri = `${gatewayUrl}/v1/actions`;
    const body = JSON.stringify([{ action: "transactions.read", at: new Date().toISOString() }]);
    const { token } = await agent.token();
    const answer = await send(pool, targetUri, await agent.sign(body, { token, targetUri }));
    pool.destroy();
    return answer.status;
  }

  it("go on, start, and say so in their health", async () => {
    // As if a gateway with another VIGIL_KEK had published it: nobody here has what it was sealed under.
    await database.asSuper((client) =>
      client.query(
        `insert into token_keys (generation, key_id, public_jwk, published_at, signs_from)
        select 3, 'third', public_jwk, published_at, signs_from + interval '30 days' from token_keys where generation = 2`,
      ),
    );
    await system.db.execute(sql`select pg_notify('vigil', 'token:keys')`);
    const gateway = async () => {
      const { parts } = await readHealth(system.db, new Date());
      return parts.find(({ part }) => part === "gateway");
    };
    await vi.waitFor(
      async () =>
        expect(await gateway()).toMatchObject({ ready: true, detail: expect.stringContaining("token:3") }),
      { timeout: 5_000, interval: 100 },
    );
    const [gatewayPort, enrolPort] = [await freePort(), await freePort()];
    const second = await startGateway({ ...system.env, gatewayPort, enrolPort });
    // Longer than what is held counts without being read.
    const until = performance.now() + 6_000;
    await vi.waitFor(
      async () => {
        expect(await report(system.env.gatewayUrl)).toBe(202);
        expect(await report(`https://localhost:${gatewayPort}`)).toBe(202);
        expect(performance.now()).toBeGreaterThan(until);
      },
      { timeout: 15_000, interval: 500 },
    );
    await second.close();
  }, 30_000);
});
