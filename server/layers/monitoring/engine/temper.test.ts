import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Contribution, FeatureKey } from "../schema.ts";
import { respond } from "./respond.ts";
import {
  COOL_DOWN_MS,
  type ConsultedApproval,
  type CoolDown,
  heightsOf,
  type RunningMaintenance,
  type TemperFacts,
  temper,
} from "./temper.ts";

const NOW = Date.parse("2026-11-25T12:00:00.000Z");
const MINUTE = 60_000;
const cause = (feature: FeatureKey = "dataMegabytes", value = 900): Contribution => ({
  ...{ feature, value, expected: { low: 0, high: 20, typical: 10 }, deviations: 9, share: 1 },
  ...{ flag: "alert", words: "" },
});
const FACTS: TemperFacts = {
  ...{ stored: null, score: 0.95, contributions: [cause()], forbidding: [] },
  ...{ maintenance: [], coolDowns: [], approvals: [], nowMs: NOW },
};
const maintenance = (as: Partial<RunningMaintenance> = {}): RunningMaintenance => ({
  ...{ id: "m", causes: ["dataMegabytes"], startsMs: NOW - MINUTE, endsMs: NOW + MINUTE },
  ...{ cancelledMs: null, reason: "migration" },
  ...as,
});
const coolDown = (as: Partial<CoolDown> = {}): CoolDown => ({
  ...{ containmentId: "c", score: 0.95, causes: [{ feature: "dataMegabytes", value: 900 }] },
  ...{ startsMs: NOW - MINUTE, endsMs: NOW - MINUTE + COOL_DOWN_MS },
  ...as,
});
const approval = (as: Partial<ConsultedApproval> = {}): ConsultedApproval => ({
  ...{ approvalId: "a", scope: "reports:export", fromMs: NOW - MINUTE, endsMs: NOW + MINUTE },
  ...{ limited: true, covered: 90, seen: 100, restScore: 0.2 },
  ...as,
});
const decided = (score = 0.95) =>
  respond({ state: null, score, contained: false, learning: false, nowMs: NOW });
const outcome = (as: Partial<TemperFacts>) => temper(decided(), { ...FACTS, ...as }).outcome;

describe("containing", () => {
  it("stays containing where nothing was planned, released or approved", () =>
    expect(temper(decided(), FACTS)).toEqual(decided()));

  it("nothing else is touched", () => {
    for (const score of [0, 0.5, 0.7, 0.9])
      expect(temper(decided(score), { ...FACTS, score, maintenance: [maintenance()] })).toEqual(
        decided(score),
      );
  });

  it("becomes a limit that starts once, with a check for each thing consulted", () => {
    const first = temper(decided(), {
      ...FACTS,
      maintenance: [maintenance()],
      coolDowns: [coolDown({ endsMs: NOW })],
    });
    expect(first).toMatchObject({
      ...{ outcome: "limit", changed: true, state: { level: "limit", sinceMs: NOW, calmSinceMs: null } },
      insteadOfContain: expect.stringContaining("migration"),
    });
    expect(first.checks.slice(-3).map(({ id, passed }) => [id, passed])).toEqual([
      ["maintenance-m", true],
      ["cool-down-c", false],
      ["nothing-forbids", true],
    ]);
    const stored = { level: "limit" as const, sinceMs: NOW - 5, calmSinceMs: null };
    expect(temper(decided(), { ...FACTS, stored, maintenance: [maintenance()] })).toMatchObject({
      ...{ changed: false, state: stored },
    });
  });

  it.each<[string, Partial<TemperFacts>]>([
    ["maintenance", { maintenance: [maintenance()] }],
    ["a release", { coolDowns: [coolDown()] }],
    ["an approval", { approvals: [approval()] }],
  ])("is not kept back by %s while an alert on forbidden data or credentials stands", (_what, as) => {
    expect(outcome(as)).toBe("limit");
    const kept = temper(decided(), { ...FACTS, ...as, forbidding: ["alert 7 (sensitive-data-in-scope)"] });
    expect(kept).toMatchObject({ outcome: "contain", changed: true });
    expect(kept.checks.at(-1)).toMatchObject({ id: "nothing-forbids", passed: false });
  });
});

describe("maintenance", () => {
  it("begins and ends at its millisecond, and at the one at which it was ended", () => {
    const at = (startsMs: number, endsMs: number, cancelledMs: number | null = null) =>
      outcome({ maintenance: [maintenance({ startsMs, endsMs, cancelledMs })] });
    expect(at(NOW, NOW + 1)).toBe("limit");
    expect(at(NOW + 1, NOW + 2)).toBe("contain");
    expect(at(NOW - MINUTE, NOW)).toBe("contain");
    expect(at(NOW - MINUTE, NOW + MINUTE, NOW)).toBe("contain");
    expect(at(NOW - MINUTE, NOW + MINUTE, NOW + 1)).toBe("limit");
  });

  it("covers no cause that it does not name, not even beside one that it does; of several that overlap one is enough", () => {
    const contributions = [cause(), cause("geographicAnomaly", 1)];
    expect(outcome({ contributions, maintenance: [maintenance()] })).toBe("contain");
    const one = maintenance({ id: "x", causes: ["geographicAnomaly"] });
    expect(outcome({ contributions, maintenance: [maintenance(), one] })).toBe("contain");
    const all = maintenance({ id: "y", causes: ["geographicAnomaly", "dataMegabytes"] });
    expect(outcome({ contributions, maintenance: [one, all] })).toBe("limit");
  });

  it("covers no score without a cause", () =>
    expect(outcome({ contributions: [], maintenance: [maintenance()] })).toBe("contain"));
});

describe("after a release by two people", () => {
  it("the same at the same height limits, until the cool-down ends to the millisecond, and not before it began", () => {
    expect(outcome({ coolDowns: [coolDown()] })).toBe("limit");
    expect(outcome({ coolDowns: [coolDown({ endsMs: NOW + 1 })] })).toBe("limit");
    expect(outcome({ coolDowns: [coolDown({ endsMs: NOW })] })).toBe("contain");
    expect(outcome({ coolDowns: [coolDown({ startsMs: NOW + 1 })] })).toBe("contain");
  });

  it("a higher score, more of the cause, or another cause contains", () => {
    expect(outcome({ score: 0.961, coolDowns: [coolDown()] })).toBe("contain");
    expect(outcome({ contributions: [cause("dataMegabytes", 991)], coolDowns: [coolDown()] })).toBe(
      "contain",
    );
    expect(outcome({ contributions: [cause("dataMegabytes", 989)], coolDowns: [coolDown()] })).toBe("limit");
    expect(outcome({ contributions: [cause("refusedRatio", 0.1)], coolDowns: [coolDown()] })).toBe("contain");
    expect(outcome({ contributions: [cause(), cause("refusedRatio", 1)], coolDowns: [coolDown()] })).toBe(
      "contain",
    );
  });
});

describe("what a release is about", () => {
  it("is the highest of each cause over all windows that called for it, and nothing that caused none", () => {
    const small = { ...cause("uniqueEndpoints", 3), flag: null };
    expect(heightsOf([])).toEqual([]);
    expect(
      heightsOf([
        { contributions: [cause("dataMegabytes", 5), small] },
        { contributions: [cause("dataMegabytes", 9), cause("refusedRatio", 0.2)] },
        { contributions: [cause("dataMegabytes", 7)] },
      ]),
    ).toEqual([
      { feature: "dataMegabytes", value: 9 },
      { feature: "refusedRatio", value: 0.2 },
    ]);
  });
});

describe("an approved change", () => {
  it.each<[string, Partial<ConsultedApproval>, string]>([
    ["ended a millisecond ago", { endsMs: NOW }, "not now"],
    ["begins in a millisecond", { fromMs: NOW + 1 }, "not now"],
    ["has no limits", { limited: false }, "no limits"],
    ["covers nothing of it", { covered: 0, restScore: 0.95 }, "none of the 100"],
    ["leaves what still limits", { restScore: 0.7001 }, "the score is still 0.7001"],
    ["was not weighed", { restScore: null }, "not weighed"],
  ])("that %s explains nothing, and says so", (_what, as, words) => {
    const kept = temper(decided(), { ...FACTS, approvals: [approval(as)] });
    expect(kept.outcome).toBe("contain");
    expect(kept.checks.find(({ id }) => id === "approval-a")).toMatchObject({
      ...{ passed: false, detail: expect.stringContaining(words) },
    });
  });

  it("explains what is left to 0.7, and never where calls come from or that they are refused", () => {
    expect(outcome({ approvals: [approval({ restScore: 0.7 })] })).toBe("limit");
    for (const feature of ["geographicAnomaly", "refusedRatio"] as const)
      expect(outcome({ contributions: [cause(), cause(feature, 1)], approvals: [approval()] })).toBe(
        "contain",
      );
  });

  it("whatever was consulted: contained, or limited for a reason that passed and with nothing that forbids it", () => {
    const facts = fc.record({
      maintenance: fc.array(
        fc.record({ startsMs: near(), endsMs: near() }).map((as) => maintenance(as)),
        {
          maxLength: 2,
        },
      ),
      coolDowns: fc.array(
        fc
          .record({ startsMs: near(), endsMs: near(), score: fc.constantFrom(0.91, 0.95) })
          .map((as) => coolDown(as)),
        { maxLength: 1 },
      ),
      approvals: fc.array(
        fc
          .record({ limited: fc.boolean(), endsMs: near(), restScore: fc.constantFrom(null, 0.1, 0.9) })
          .map((as) => approval(as)),
        { maxLength: 2 },
      ),
      forbidding: fc.array(fc.constant("alert 1"), { maxLength: 1 }),
    });
    fc.assert(
      fc.property(facts, (as) => {
        const { outcome: level, checks, insteadOfContain } = temper(decided(), { ...FACTS, ...as });
        expect(["limit", "contain"]).toContain(level);
        expect(insteadOfContain !== undefined).toBe(level === "limit");
        const consulted = checks.filter(({ id }) => /^(maintenance|cool-down|approval)-/.test(id));
        expect(consulted).toHaveLength(as.maintenance.length + as.coolDowns.length + as.approvals.length);
        const free = as.forbidding.length === 0;
        expect(level === "limit").toBe(free && consulted.some(({ passed }) => passed));
      }),
    );
  });
});

function near() {
  return fc.integer({ min: -2, max: 2 }).map((offset) => NOW + offset);
}
