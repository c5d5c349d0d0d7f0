import { sql } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabase } from "../../db/client.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { createSightings } from "./sightings.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.close());

const world = { transportCredential: () => undefined };
const NOW = new Date("2026-03-02T10:00:00Z");
const deps = () => ({ db: database.db, log: pino({ level: "silent" }), clock: () => NOW, world });
const stranger = (claimed: string, network: number) =>
  ({ way: "client_id", claimed, issuer: "", evidence: "", sourceIp: `10.${network}.1.9` }) as const;
async function written(way: string) {
  const { rows } = await database.db.execute<{ rows: number; total: number; longest: number }>(sql`
    select count(*)::int as rows, coalesce(sum(count), 0)::int as total, max(length(claimed)) as longest
    from shadow_agents where ${way} = any(ways)`);
  return rows[0];
}

it("ten thousand strangers between two writings are a bounded number of rows, none of them uncounted", async () => {
  const sightings = createSightings(deps());
  for (let i = 0; i < 10_000; i += 1)
    sightings.stranger(stranger(`${"x".repeat(5_000)}${i}`.slice(i % 7), i % 250), NOW);
  for (let i = 0; i < 10_000; i += 1) sightings.stranger(stranger(`stranger-${i}`, i % 250), NOW);
  await sightings.close();
  const rows = await written("client_id");
  expect(rows?.total).toBe(20_000);
  expect(rows?.rows).toBeLessThanOrEqual(20 + 51);
  expect(rows?.longest).toBeLessThanOrEqual(160);
});

it("what could not be written is held, and written when the database is back", async () => {
  const away = createDatabase("postgres://nobody:x@127.0.0.1:1/none", {
    applicationName: "away",
    poolSize: 1,
  });
  let db = away;
  const given = deps();
  const sightings = createSightings({
    ...given,
    get db() {
      return db;
    },
  });
  sightings.stranger({ ...stranger("kept", 1), way: "token_subject" }, NOW);
  await expect(sightings.write()).rejects.toThrow();
  db = database.db;
  await sightings.close();
  expect(await written("token_subject")).toMatchObject({ rows: 1, total: 1 });
  await away.$client.end();
});
