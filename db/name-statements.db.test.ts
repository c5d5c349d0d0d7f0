import { eq, inArray, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabase, type Database } from "./client.ts";
import { usedAssertions } from "./schema/index.ts";
import { createTestDatabase, type TestDatabase } from "./testing/test-database.ts";

let test: TestDatabase;
let db: Database;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.urls.app, { applicationName: "keeps-plans", poolSize: 1, keepPlans: true });
});
afterAll(async () => {
  await db.$client.end();
  await test.close();
});

const expiresAt = new Date("2026-11-23T12:00:00Z");
const prepared = async () => {
  const { rows } = await db.execute<{ name: string }>(sql`select name from pg_prepared_statements`);
  return rows.map(({ name }) => name);
};

it("statements that come often are prepared on the connection, and answer as before, in transactions too", async () => {
  for (let i = 0; i < 20; i++) {
    const id = `often-${i}`;
    await db.transaction((tx) => tx.insert(usedAssertions).values({ id, expiresAt }));
    expect(await db.select().from(usedAssertions).where(eq(usedAssertions.id, id))).toEqual([
      { id, expiresAt },
    ]);
  }
  const names = await prepared();
  expect(names).toHaveLength(2);
  for (const name of names) expect(name).toMatch(/^s-[0-9a-f]{24}$/);
});

it("a statement that fails is told so each time, and others go on", async () => {
  const again = () => db.insert(usedAssertions).values({ id: "often-1", expiresAt });
  for (let i = 0; i < 12; i++) await expect(again()).rejects.toMatchObject({ cause: { code: "23505" } });
  expect(await db.select().from(usedAssertions).where(eq(usedAssertions.id, "often-1"))).toHaveLength(1);
});

it("lists of every length come back right, named or not", async () => {
  for (let length = 1; length < 40; length++) {
    const ids = Array.from({ length }, (_, i) => `often-${i}`);
    const rows = await db.select().from(usedAssertions).where(inArray(usedAssertions.id, ids));
    expect(rows).toHaveLength(Math.min(length, 20));
  }
});
