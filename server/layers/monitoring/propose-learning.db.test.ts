import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { ProposeLearningInput } from "./learning-schema.ts";
import { proposalsOf } from "./proposal-store.ts";
import { proposeLearning } from "./propose-learning.ts";
import { makeAgent, makePerson, type Operator } from "./testing/agents-and-people.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
const FROM = new Date("2026-11-20T10:00:00Z");
const TO = new Date("2026-11-20T11:00:00Z");
let test: TestDatabase;
let analyst: Operator;
beforeAll(async () => {
  test = await createTestDatabase();
  analyst = await makePerson(test.db, ["analyst"], NOW);
});
afterAll(() => test.close());

const propose = (agent: string, as: Partial<ProposeLearningInput>) =>
  proposeLearning(
    { db: test.db, actor: analyst, now: NOW },
    { agent, kind: "exclude", reason: "It was a test", ...as },
  );

describe("a proposal", () => {
  it.each<[string, Partial<ProposeLearningInput>, string]>([
    ["backwards", { from: TO, to: FROM }, "interval_invalid"],
    ["without an end", { from: FROM }, "interval_invalid"],
    ["of what is to come", { from: FROM, to: new Date(NOW.getTime() + 1) }, "interval_invalid"],
    ["over six weeks", { from: new Date("2026-01-01T00:00:00Z"), to: TO }, "interval_invalid"],
    ["to learn from the future", { kind: "relearn", from: new Date(NOW.getTime() + 1) }, "interval_invalid"],
    ["to go back to nothing", { kind: "rollback" }, "version_missing"],
    ["to go back to a version that is none", { kind: "rollback", version: 7 }, "baseline_unknown"],
    ["to unpin what is not pinned", { kind: "unpin" }, "not_pinned"],
    ["for no agent", { agent: "no-such-agent", from: FROM, to: TO }, "agent_unknown"],
  ])("%s is refused and leaves nothing", async (_how, as, code) => {
    const agent = await makeAgent(test.db, NOW);
    await expect(propose(agent.name, as)).rejects.toMatchObject({ code });
    expect(await proposalsOf(test.db, agent.id)).toEqual([]);
  });

  it.each(["no", "\u202eevil reason", "a\u0000b"])(
    "says why, in text that people can read: %j",
    async (reason) => {
      const agent = await makeAgent(test.db, NOW);
      await expect(propose(agent.name, { from: FROM, to: TO, reason })).rejects.toThrow();
    },
  );
});
