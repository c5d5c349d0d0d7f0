import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALERT_ACTIONS, actionsFor } from "../alert-actions-schema.ts";
import { ALERT_KINDS, ALERT_SEVERITIES, ALERT_STATUSES } from "../schema.ts";
import { BARS_MAX, histogramStepMs } from "./histogram-step.ts";
import { mayBeSuppressed } from "./may-be-suppressed.ts";
import { transitionWords } from "./transition-words.ts";

describe("what may be suppressed", () => {
  it("nothing critical, of a containment or a clock, or about no agent, whatever else it is", () => {
    for (const kind of ALERT_KINDS)
      for (const severity of ALERT_SEVERITIES)
        for (const agentId of [null, "a"]) {
          const { allowed, outcome, checks } = mayBeSuppressed({ agentId, kind, severity });
          const never =
            severity === "critical" || kind === "isolation" || kind === "incident" || agentId === null;
          expect(allowed).toBe(!never);
          expect(outcome).toBe(never ? "deny" : "allow");
          expect(checks.some(({ passed }) => !passed)).toBe(never);
        }
  });
});

describe("the histogram's steps", () => {
  it("make sixty bars at most of any span, and more than one of one that is long enough", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 * 365 * 86_400_000 }), (spanMs) => {
        const step = histogramStepMs(spanMs);
        // A span that starts within a step touches one more.
        expect(Math.floor(spanMs / step) + 2).toBeLessThanOrEqual(BARS_MAX + 1);
        expect(step % 60_000).toBe(0);
      }),
    );
    expect(histogramStepMs(0)).toBe(60_000);
  });
});

describe("the actions", () => {
  const all = () => true;
  it("have a key each at most, and no two the same", () => {
    const keys = ALERT_ACTIONS.flatMap(({ key }) => key ?? []);
    expect(new Set(keys).size).toBe(keys.length);
    // j, k, x, g and the signs move and choose; they are never an action.
    for (const key of keys) expect("jkxg?./".includes(key)).toBe(false);
  });

  it("what has a key and ends something asks first", () => {
    for (const { name, key, asks } of ALERT_ACTIONS)
      if (key && !["acknowledge", "take"].includes(name)) expect(asks).not.toBe("nothing");
  });

  it("of an open, a closed and a merged alert are those that its state allows", () => {
    const names = (status: (typeof ALERT_STATUSES)[number], mergedInto: unknown = null) =>
      actionsFor({ status, mergedInto }, all).map(({ name }) => name);
    expect(names("open")).toContain("acknowledge");
    expect(names("acknowledged")).not.toContain("acknowledge");
    expect(names("closed")).toEqual(["note", "reopen"]);
    expect(names("closed", { number: 1 })).toEqual(["note", "unmerge"]);
  });

  it("are none without the permission, and escalation wants two", () => {
    for (const status of ALERT_STATUSES)
      expect(actionsFor({ status, mergedInto: null }, () => false)).toEqual([]);
    const triageOnly = actionsFor({ status: "open", mergedInto: null }, (one) => one === "alerts.triage");
    expect(triageOnly.map(({ name }) => name)).not.toContain("escalate");
  });
});

describe("what was done, in words", () => {
  it.each([
    ["closed", { disposition: "false-positive" }, "closed it as false positive"],
    ["assigned", { to: "a@bank" }, "assigned it to a@bank"],
    ["assigned", { to: null }, "took its owner away"],
    ["merged", { into: 12 }, "merged it into alert 12"],
    ["escalated", { incident: "INC-0003" }, "tied it to incident INC-0003"],
    ["something-new", {}, "changed it"],
  ])("%s %j", (kind, detail, words) => expect(transitionWords({ kind, detail })).toBe(words));
});
