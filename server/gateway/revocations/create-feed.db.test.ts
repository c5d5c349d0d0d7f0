import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Database } from "../../../db/client.ts";
import { accessTokens } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { makeAgent } from "../../layers/authorization/testing/people-and-agents.ts";
import { createFeed, type Follower } from "./create-feed.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

const log = pino({ level: "silent" });
const clock = () => new Date();
const follower = () => ({ tell: vi.fn(), pulse: vi.fn(), cut: vi.fn() }) satisfies Follower;
type Told = ReturnType<typeof follower>;

async function revokeOne(): Promise<void> {
  const { id: agentId } = await makeAgent(test.db);
  const jti = randomUUID();
  await test.db.insert(accessTokens).values({
    ...{ jti, agentId, scopes: [], grantIds: [], policyVersion: 1, thumbprint: "x" },
    ...{ issuedAt: clock(), expiresAt: new Date(Date.now() + 900_000) },
  });
  await test.db.update(accessTokens).set({ revokedAt: clock() }).where(eq(accessTokens.jti, jti));
}

it("however many come or hear, the database is read once for all of them", async () => {
  const execute = vi.fn(test.db.execute.bind(test.db));
  const counted = Object.assign(Object.create(test.db), { execute }) as Database;
  const feed = createFeed({ db: counted, log, clock });
  const all = Array.from({ length: 50 }, follower);
  await Promise.all(all.map((each) => feed.follow(each, null)));
  expect(execute.mock.calls.length).toBeLessThanOrEqual(2);
  expect(feed.count()).toBe(50);
  const before = execute.mock.calls.length;
  await revokeOne();
  for (let i = 0; i < 30; i++) feed.heard();
  await vi.waitFor(() => {
    for (const each of all)
      expect(each.tell.mock.calls.flat(2)).toMatchObject([{ event: { kind: "token" } }]);
  });
  expect(execute.mock.calls.length - before).toBeLessThanOrEqual(3);
  for (const each of all) feed.leave(each);
  await feed.close();
});

it.each(["tell", "pulse"] as const)(
  "a reader whose %s fails is cut, and keeps nobody else from being told",
  async (what) => {
    const feed = createFeed({ db: test.db, log, clock });
    const all = Array.from({ length: 3 }, follower);
    const [before, broken, behind] = all as [Told, Told, Told];
    for (const each of all) await feed.follow(each, null);
    broken[what].mockImplementation(() => {
      throw new Error("the connection is gone");
    });
    broken.cut.mockImplementation(() => {
      throw new Error("and cannot even be cut");
    });
    await revokeOne();
    feed.heard();
    await vi.waitFor(() => expect(feed.count()).toBe(2));
    expect(broken.cut).toHaveBeenCalledTimes(1);
    for (const each of [before, behind]) {
      await vi.waitFor(() => expect(each.tell).toHaveBeenCalledTimes(1));
      expect(each.pulse.mock.invocationCallOrder.at(-1)).toBeGreaterThan(
        each.tell.mock.invocationCallOrder[0] ?? 0,
      );
      expect(each.cut).not.toHaveBeenCalled();
    }
    await feed.close();
  },
);

it("while the database is away its readers are told how old the view is, and who comes is refused", async () => {
  const execute = vi.fn(test.db.execute.bind(test.db));
  const feed = createFeed({ db: Object.assign(Object.create(test.db), { execute }) as Database, log, clock });
  const one = follower();
  await feed.follow(one, null);
  execute.mockRejectedValue(new Error("the database is away"));
  feed.heard();
  await vi.waitFor(() => expect(one.pulse.mock.calls.some(([, ageMs]) => ageMs >= 1_000)).toBe(true), 3_000);
  await expect(feed.follow(follower(), null)).rejects.toThrow("away");
  expect(feed.count()).toBe(1);
  feed.leave(one);
  await feed.close();
});

it("a revocation that no notice told of is heard within its pulse", async () => {
  const feed = createFeed({ db: test.db, log, clock });
  const one = follower();
  await feed.follow(one, null);
  await revokeOne();
  await vi.waitFor(() => expect(one.tell).toHaveBeenCalled(), 2_000);
  feed.leave(one);
  await feed.close();
});

it("a database that goes back in time cuts every reader, and is then read from its beginning", async () => {
  const execute = vi.fn(test.db.execute.bind(test.db));
  const feed = createFeed({ db: Object.assign(Object.create(test.db), { execute }) as Database, log, clock });
  const one = follower();
  await revokeOne();
  await feed.follow(one, null);
  const past = { rows: [{ settled: "5", next: "5", ord: null }] };
  execute.mockResolvedValueOnce(past as never);
  feed.heard();
  await vi.waitFor(() => expect(one.cut).toHaveBeenCalledTimes(1));
  const { isWhole, rows } = await feed.follow(follower(), null);
  expect([isWhole, rows.length > 0]).toEqual([true, true]);
  await feed.close();
});
