import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { scopePolicies } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { currentPolicy, keptPolicy, lockPolicy } from "./current-policy.ts";
import { ensureDefaultPolicy } from "./ensure-default-policy.ts";
import { NOW } from "./testing/people-and-agents.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

it("a policy that is kept is the newest at each asking, and read once for each version", async () => {
  const policyOf = keptPolicy();
  await expect(policyOf(test.db)).rejects.toMatchObject({ code: "policy_missing" });
  await ensureDefaultPolicy(test.db, NOW);
  const first = await policyOf(test.db);
  expect(first).toEqual(await currentPolicy(test.db));
  expect(await policyOf(test.db)).toBe(first);

  const document = { ...first, version: first.version + 1, tokenSecondsMax: 60 };
  await test.asSuper(async (client) => {
    await client.query("set session_replication_role = replica");
    await client.query(
      "insert into scope_policies (version, document, created_by, created_at) values ($1, $2, 'test', now())",
      [document.version, document],
    );
  });
  const second = await policyOf(test.db);
  expect(second).toMatchObject({ version: document.version, tokenSecondsMax: 60 });
  expect(await test.db.transaction((tx) => policyOf(tx))).toBe(second);
  expect(await test.db.$count(scopePolicies)).toBe(2);
});

it.each([
  ["the policy", () => currentPolicy],
  ["a policy that is kept", keptPolicy],
])("%s holds still in a transaction that decides by it", async (_what, make) => {
  const policyOf = make();
  await ensureDefaultPolicy(test.db, NOW);
  await policyOf(test.db);
  const order: string[] = [];
  let changing: Promise<unknown> = Promise.resolve();
  await test.db.transaction(async (tx) => {
    await policyOf(tx);
    changing = test.db.transaction(async (other) => {
      await lockPolicy(other);
      order.push("changed");
    });
    await expect
      .poll(async () => {
        const { rows } = await test.db.execute(
          sql`select 1 from pg_locks where locktype = 'advisory' and not granted`,
        );
        return rows.length;
      })
      .toBe(1);
    order.push("decided");
  });
  await changing;
  expect(order).toEqual(["decided", "changed"]);
});
