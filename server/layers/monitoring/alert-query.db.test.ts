import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alerts } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { VigilError } from "../../kernel/errors.ts";
import { assignAlert } from "./assign-alert.ts";
import { closeAlert } from "./close-alert.ts";
import { listAlertGroups } from "./list-alert-groups.ts";
import { listAlerts } from "./list-alerts.ts";
import { raiseAlert } from "./raise-alert.ts";
import { readAlertFacets } from "./read-alert-facets.ts";
import { makeAgent, makePerson, type Operator, SYSTEM } from "./testing/agents-and-people.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
const HOUR_MS = 3_600_000;
const RULE = `rule-${randomUUID()}`;
let database: TestDatabase;
let analyst: Operator;
const ctx = (now = NOW): VerbContext => ({ db: database.db, actor: analyst, now });

/** Four alerts: by hours ago, severity, title, score. */
const WORLD = [
  ["old", 30, "low", "100% of_calls refused", undefined],
  ["mine", 5, "high", "Unusual volume", 0.8],
  ["closed", 2, "medium", "Unusual network", 0.6],
  ["fresh", 0.5, "critical", "Customer data read", 0.95],
] as const;
const names = new Map<string, string>();

beforeAll(async () => {
  database = await createTestDatabase();
  analyst = await makePerson(database.db, ["analyst"], NOW);
  for (const [what, hoursAgo, severity, title, score] of WORLD) {
    const agent = await makeAgent(database.db, NOW);
    const now = new Date(NOW.getTime() - hoursAgo * HOUR_MS);
    const { alertId } = await database.db.transaction((tx) =>
      raiseAlert(tx, {
        ...{ agentId: agent.id, kind: "behaviour", rule: RULE, cause: `fam/${what}`, severity, title, score },
        ...{ detail: {}, actor: SYSTEM, now },
      }),
    );
    names.set(alertId, what);
    if (what === "mine") await assignAlert(ctx(), { id: alertId, version: 1, ownerId: analyst.id });
    if (what === "closed")
      await closeAlert(ctx(), { id: alertId, version: 1, disposition: "benign", reason: "As planned" });
  }
});
afterAll(() => database.close());

const find = async (query: string) =>
  (await listAlerts(ctx(), { rule: RULE, query })).alerts.map(({ id }) => names.get(id)).sort();

describe("what a query finds", () => {
  test.each([
    ["", ["closed", "fresh", "mine", "old"]],
    ["not status:closed", ["fresh", "mine", "old"]],
    ["severity >= high", ["fresh", "mine"]],
    ["severity < medium", ["old"]],
    ["owner:me", ["mine"]],
    ["owner:none status:open", ["fresh", "old"]],
    ["not owner:me", ["closed", "fresh", "old"]],
    ["verdict:benign", ["closed"]],
    ["verdict:none", ["fresh", "mine", "old"]],
    ["score > 0.6", ["fresh", "mine"]],
    ["not score > 0.6", ["closed", "old"]],
    ["age > 24h", ["old"]],
    ["age <= 2h", ["closed", "fresh"]],
    ["opened >= now-6h", ["closed", "fresh", "mine"]],
    ["opened:2026-11-22", ["old"]],
    ["cause:fam/m*", ["mine"]],
    ["group:fam and unusual", ["closed", "mine"]],
    ['title:"100% of_calls"', ["old"]],
    ["title:1*calls*", ["old"]],
    ['"1%c"', []],
    ["incident:none count:1", ["closed", "fresh", "mine", "old"]],
    ["status:(open or closed) and kind:behaviour", ["closed", "fresh", "mine", "old"]],
    ["severity:low or severity:critical", ["fresh", "old"]],
  ])("%s", async (query, found) => expect(await find(query)).toEqual(found));

  test("what cannot be read is a 400 with its place", async () => {
    await expect(find("status:odd")).rejects.toMatchObject({
      code: "query_invalid",
      status: 400,
      facts: { at: 7 },
    });
  });

  test("whatever is typed is answered or refused, by every reading, and nothing is lost", async () => {
    const before = await database.db.$count(alerts);
    const piece = fc.constantFrom(
      "rule",
      "title",
      "owner",
      ":",
      ">",
      "(",
      ")",
      '"',
      "*",
      "not",
      "or",
      "'",
      ";--",
      "\\",
      "%",
      "\u0000",
      "🦊",
      "me",
      "0.5",
      "count",
      "opened",
      "now-1d",
      "age",
      "2h",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const query = pieces.join(" ");
        const answers = [
          listAlerts(ctx(), { query }),
          listAlertGroups(ctx(), { query }),
          readAlertFacets(ctx(), { query }),
        ];
        for (const answer of await Promise.allSettled(answers))
          if (answer.status === "rejected") expect(answer.reason, query).toBeInstanceOf(VigilError);
      }),
      { numRuns: 150 },
    );
    expect(await database.db.$count(alerts)).toBe(before);
  });
});

describe("facets and histogram", () => {
  test("count what passes, each facet adding up to it", async () => {
    const { facets, histogram } = await readAlertFacets(ctx(), { rule: RULE });
    const count = (facet: keyof typeof facets, value: string) =>
      facets[facet].find((one) => one.value === value)?.count;
    expect([count("status", "open"), count("severity", "critical"), count("owner", "none")]).toEqual([
      3, 1, 3,
    ]);
    expect([count("age", "< 1h"), count("age", "1h - 1d"), count("age", "1d - 7d")]).toEqual([1, 2, 1]);
    for (const facet of ["status", "severity", "kind", "age"] as const)
      expect(facets[facet].reduce((sum, one) => sum + one.count, 0)).toBe(4);
    const bars = histogram.bars.flatMap(({ counts }) => Object.values(counts));
    expect(bars.reduce((sum, one) => sum + one, 0)).toBe(4);
    expect(histogram.bars.length).toBeLessThanOrEqual(61);
  });

  test("nothing that passes is no bar, and no error", async () => {
    const { facets, histogram } = await readAlertFacets(ctx(), { rule: "none-such" });
    expect([facets.status, histogram.bars]).toEqual([[], []]);
  });
});
