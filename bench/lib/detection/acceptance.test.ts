import { describe, expect, test } from "vitest";
import { learnBaseline } from "../../../server/layers/monitoring/engine/baseline.ts";
import { featuresOfImport } from "../../../server/layers/monitoring/engine/features.ts";
import { score } from "../../../server/layers/monitoring/engine/score.ts";
import { EXPLAINABLE } from "../../../server/layers/monitoring/engine/temper.ts";
import { seeded, usualWeeks } from "../../../server/layers/monitoring/testing/usual-weeks.ts";
import { NAMED_BENIGN, type NamedBenign, namedBenign } from "../scenario/named-benign.ts";
import { windowsOf } from "../scenario/windows.ts";
import { productScorer } from "./product-scorer.ts";

/** Learning again each night is what costs time; once in the fortnight is enough to see who is contained. */
const LEARN_DAYS = 7;
const APPROVED: NamedBenign = "an approved bulk export";
type Contained = { agent: string; at: string; score: number; named: string[] };

/** Who is contained by the score alone in the test weeks, with when and for what. */
function containedIn(name: NamedBenign): Contained[] {
  const scenario = namedBenign(name);
  return scenario.agents.flatMap((agent) => {
    const scorer = productScorer(scenario.testMs, { learnt: 0, drifted: 0, frozen: 0 }, LEARN_DAYS);
    return [...windowsOf(scenario, agent)].flatMap((window) => {
      const { contains, score: value, named } = scorer.see(window);
      const at = new Date(window.atMs).toISOString();
      return contains ? [{ agent: agent.name, at, score: value, named }] : [];
    });
  });
}

describe("the last line", () => {
  test("the seed's picture, 850 calls and 1 GB a minute in random order at 03:00, scores above 0.9 for its four reasons", () => {
    const zone = "America/New_York";
    const fromMs = Date.parse("2026-11-02T05:00:00Z");
    const baseline = learnBaseline(usualWeeks({ weeks: 3, fromMs, timeZone: zone }), zone);
    const random = seeded(3);
    const names = ["transactions.read", "score.compute", "alerts.create"];
    const transitions: Record<string, number> = {};
    for (let i = 0; i < 849; i++) {
      const step = `${names[Math.floor(3 * random())]}>${names[Math.floor(3 * random())]}`;
      transitions[step] = (transitions[step] ?? 0) + 1;
    }
    const volume = { calls: 850, megabytes: 1_000, endpoints: 6, refused: 0 };
    const picture = featuresOfImport({ ...volume, networks: { "10.1.2.0/24": 850 }, transitions });
    const judged = score(picture, Date.parse("2026-11-24T08:05:00Z"), baseline);
    expect(judged.score).toBeGreaterThan(0.9);
    const flagged = judged.contributions.filter(({ flag }) => flag !== null).map(({ feature }) => feature);
    for (const reason of ["apiCallsPerMinute", "dataMegabytes", "patternSurprise", "timeOfDayDeviation"])
      expect(flagged).toContain(reason);
  });

  for (const name of NAMED_BENIGN.filter((one) => one !== APPROVED))
    test(`${name}: nobody is contained by the score alone`, () => {
      expect(containedIn(name)).toEqual([]);
    }, 300_000);

  // What an approval with limits covers is consulted before anybody is contained: `temper-response.db.test.ts`.
  test(`${APPROVED}: nobody is contained outside it, and in it for nothing that an approval may not explain`, () => {
    const { episodes } = namedBenign(APPROVED);
    for (const { agent, at, named } of containedIn(APPROVED)) {
      const atMs = Date.parse(at);
      const during = episodes.some(({ fromMs, toMs }) => atMs > fromMs && atMs <= toMs + 60_000);
      expect(during, `${agent} at ${at} for ${named}`).toBe(true);
      expect(EXPLAINABLE).toEqual(expect.arrayContaining(named.slice(0, 2)));
    }
  }, 300_000);
});
