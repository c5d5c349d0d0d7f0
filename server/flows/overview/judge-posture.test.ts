import { describe, expect, it } from "vitest";
import { LAYERS, type LayerKey } from "../../layers.ts";
import { judgePosture, type PostureFacts } from "./judge-posture.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const HOUR = 3_600_000;
const at = (offsetMs: number) => NOW.getTime() + offsetMs;

/** A quiet bank: everything as it should be. */
const QUIET: PostureFacts = {
  identity: { agents: 12, active: 11, neverEnrolled: 1, ownerless: 0, pastRenewal: 0 },
  authorization: { pending: 0, oldestPendingAt: null, nextExpiryAt: null, elevated: 2 },
  isolation: { denied: 0, limited: 0, unconfirmed: 0, gateways: 1 },
  monitoring: {
    openCritical: 0,
    openHigh: 0,
    openOther: 0,
    unownedCritical: 0,
    unownedHigh: 0,
    withoutBaseline: 0,
    waitingSlices: 0,
  },
  audit: {
    chained: 1_000,
    oldestUnchainedAt: null,
    provable: 1_000,
    oldestUnprovableAt: null,
    verification: { status: "clean", finishedAt: at(-HOUR), findings: 0 },
  },
  rotation: { issuedLastDay: 11, overdue: 0, nextDueAt: at(HOUR) },
  compliance: { open: 0, undetermined: 0, running: 0, nextDueAt: null },
};

function verdict(layer: LayerKey, facts: Partial<PostureFacts[LayerKey]>) {
  const posture = judgePosture({ ...QUIET, [layer]: { ...QUIET[layer], ...facts } }, NOW);
  const found = posture.find((one) => one.layer === layer);
  return { state: found?.state, line: found?.line, at: found?.at };
}

it("a quiet bank is well in all seven layers, in their order", () => {
  const posture = judgePosture(QUIET, NOW);
  expect(posture.map(({ layer }) => layer)).toEqual(LAYERS.map(({ key }) => key));
  expect(posture.map(({ state }) => state)).toEqual(Array(7).fill("ok"));
});

describe("one fact makes a layer", () => {
  const unchained = (ms: number) => ({ oldestUnchainedAt: at(-ms) });
  const due = (ms: number) => ({ open: 1, running: 1, nextDueAt: at(ms) });
  it.each<[LayerKey, object, string, RegExp]>([
    ["identity", { pastRenewal: 1 }, "critical", /1 active agent whose certificate ran out/],
    ["identity", { ownerless: 2 }, "warn", /2 without an owner/],
    ["authorization", { pending: 1, nextExpiryAt: at(14 * 60_000) }, "warn", /1 request waiting/],
    ["authorization", { pending: 3, nextExpiryAt: at(16 * 60_000) }, "ok", /3 requests waiting/],
    ["isolation", { denied: 1 }, "warn", /1 agent cut off/],
    ["isolation", { denied: 1, unconfirmed: 1 }, "critical", /1 not confirmed by every gateway/],
    ["isolation", { gateways: 0 }, "critical", /no gateway reports/],
    ["monitoring", { openCritical: 1, unownedCritical: 1 }, "critical", /1 critical, 1 of them unowned/],
    ["monitoring", { openCritical: 1 }, "warn", /1 open alert/],
    ["monitoring", { openOther: 4 }, "ok", /4 open alerts/],
    ["audit", unchained(2_000), "ok", /1,000 records chained/],
    ["audit", unchained(2_001), "warn", /the sequencer is behind/],
    ["audit", unchained(10_001), "critical", /the sequencer is behind/],
    ["audit", { oldestUnprovableAt: at(-60_001) }, "critical", /checkpoints are behind/],
    ["audit", { verification: null }, "warn", /never verified/],
    [
      "audit",
      { verification: { status: "clean", finishedAt: at(-25 * HOUR), findings: 0 } },
      "warn",
      /nothing wrong/,
    ],
    [
      "audit",
      { verification: { status: "findings", finishedAt: at(-1), findings: 2 } },
      "critical",
      /2 findings/,
    ],
    [
      "audit",
      { verification: { status: "failed", finishedAt: at(-1), findings: 0 } },
      "critical",
      /could not be/,
    ],
    ["rotation", { overdue: 3 }, "warn", /3 past their renewal time/],
    ["compliance", due(25 * HOUR), "ok", /1 clock running/],
    ["compliance", due(23 * HOUR), "warn", /1 open incident/],
    ["compliance", due(3 * HOUR), "critical", /1 clock running/],
    ["compliance", due(-1), "critical", /one is overdue/],
    ["compliance", { open: 1, undetermined: 1 }, "warn", /1 without a determination/],
  ])("%s with %j: %s", (layer, facts, state, line) => {
    const found = verdict(layer, facts);
    expect(found.state).toBe(state);
    expect(found.line).toMatch(line);
  });
});

it("deadlines are sent as instants, never as time left", () => {
  expect(verdict("compliance", { running: 1, nextDueAt: at(HOUR) }).at).toEqual({
    label: "nearest deadline",
    instant: new Date(at(HOUR)),
  });
  for (const { line } of judgePosture(QUIET, NOW))
    expect(line).not.toMatch(/\bin \d+ (min|hours?|s)\b(?! 24)/);
});
