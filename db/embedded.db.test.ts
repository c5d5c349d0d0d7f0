import { afterAll, beforeAll, expect, test } from "vitest";
import { INSERT_ONLY_TABLES } from "./rights.ts";
import { createTestDatabase, type TestDatabase } from "./testing/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test.each(INSERT_ONLY_TABLES)("the application cannot update, delete or truncate %s", async (table) => {
  for (const statement of [`delete from ${table}`, `truncate ${table} cascade`])
    await expect(database.db.$client.query(statement)).rejects.toMatchObject({ code: "42501" });
});

test.each(INSERT_ONLY_TABLES)("the owner is refused by the trigger on %s", async (table) => {
  await database.asSuper(async (client) => {
    await client.query("set role vigil_owner");
    await expect(client.query(`delete from ${table}`)).rejects.toThrow("evidence");
  });
});
