import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  emergencyRotation,
  endsAt,
  signingKey,
  TOKEN_KEY_AFTER_MS,
  TOKEN_KEY_AHEAD_MS,
  TOKEN_KEY_LIFE_MS,
  type TokenKeyFacts,
  tokenKeyPhase,
  tokenKeySteps,
} from "./token-key-life.ts";

const START = Date.parse("2026-11-23T12:00:00Z");
const at = (ms: number) => new Date(START + ms);
const key = (generation: number, signsFromMs: number, more: Partial<TokenKeyFacts> = {}): TokenKeyFacts => ({
  ...{ generation, publishedAt: at(0), signsFrom: at(signsFromMs) },
  ...{ taintedAt: null, activatedAt: null, retiredAt: null, ...more },
});
const phases = (keys: TokenKeyFacts[], ms: number) => keys.map((it) => tokenKeyPhase(it, keys, at(ms)));
const LIFE = TOKEN_KEY_LIFE_MS;

/** What gateways do with what is due, as the database would hold it. */
function tended(keys: TokenKeyFacts[], now: Date): TokenKeyFacts[] {
  let held = keys;
  for (let turn = 0; turn < 5; turn++) {
    const steps = tokenKeySteps(held, now);
    if (steps.length === 0) return held;
    for (const it of steps)
      if (it.step === "publish")
        held = [...held, key(it.generation, it.signsFrom.getTime() - START, { publishedAt: now })];
      else
        held = held.map((one) =>
          one.generation !== it.generation
            ? one
            : { ...one, ...(it.step === "activate" ? { activatedAt: now } : { retiredAt: now }) },
        );
  }
  throw new Error("the steps do not come to an end");
}
/** What the emergency's verb writes. */
function rotated(keys: TokenKeyFacts[], doubt: "signing-key" | "all-keys", now: Date): TokenKeyFacts[] {
  const { tainted, promoted } = emergencyRotation(keys, doubt, now);
  return keys.map((it) => {
    if (tainted.includes(it)) return { ...it, taintedAt: now };
    return it === promoted ? { ...it, signsFrom: now } : it;
  });
}

describe("in calm", () => {
  it("the first key signs at once, and the next is published with it, a month ahead", () => {
    const keys = tended([], at(0));
    expect(keys.map((it) => it.signsFrom)).toEqual([at(0), at(LIFE)]);
    expect(phases(keys, 0)).toEqual(["signing", "standby"]);
    expect(tokenKeySteps(keys, at(0))).toEqual([]);
  });

  it.each([
    ["a moment before its time", LIFE - 1, ["signing", "standby"]],
    ["at its time", LIFE, ["retiring", "signing"]],
    ["while a token of the old key may live", LIFE + TOKEN_KEY_AFTER_MS - 1, ["retiring", "signing"]],
    ["when none can", LIFE + TOKEN_KEY_AFTER_MS, ["retired", "signing"]],
  ])("the next key %s", (_when, ms, expected) => {
    expect(phases(tended([], at(0)), ms)).toEqual(expected);
  });

  it("each step is due once, and its successor is published in the same turn", () => {
    const before = tended([], at(0));
    const due = tokenKeySteps(before, at(LIFE + 1));
    expect(due).toEqual([
      { step: "activate", generation: 2 },
      { step: "publish", generation: 3, signsFrom: at(2 * LIFE) },
    ]);
    expect(tokenKeySteps(tended(before, at(LIFE + 1)), at(LIFE + 2))).toEqual([]);
    expect(tokenKeySteps(tended(before, at(LIFE + 1)), at(LIFE + TOKEN_KEY_AFTER_MS))).toEqual([
      { step: "retire", generation: 1 },
    ]);
  });

  it("gateways that were away for a year publish a day ahead, not into the past", () => {
    const keys = tended(tended([], at(0)), at(12 * LIFE));
    expect(keys.at(-1)).toMatchObject({ generation: 3, signsFrom: at(12 * LIFE + TOKEN_KEY_AHEAD_MS) });
    expect(signingKey(keys, at(12 * LIFE))?.generation).toBe(2);
  });
});

describe("in an emergency", () => {
  it("the doubted key is dead at once, and the one that everybody knows signs", () => {
    const keys = rotated(tended([], at(0)), "signing-key", at(1_000));
    expect(phases(keys, 1_000)).toEqual(["tainted", "signing"]);
    expect(endsAt(keys[0] as TokenKeyFacts, keys)).toEqual(at(1_000));
    expect(tended(keys, at(1_000)).at(-1)).toMatchObject({ generation: 3, signsFrom: at(1_000 + LIFE) });
  });

  it("a gateway whose clock is behind signs with the new key, and never again with one before the doubted", () => {
    const month = tended(tended([], at(0)), at(LIFE));
    const keys = rotated(month, "signing-key", at(LIFE + 60_000));
    expect(phases(keys, LIFE + 60_000)).toEqual(["retiring", "tainted", "signing"]);
    for (const behind of [1, 30_000])
      expect(signingKey(keys, at(LIFE + 60_000 - behind))?.generation).toBe(3);
  });

  it("where every key is doubted none signs until a new one is made, which does so at once", () => {
    const keys = rotated(tended([], at(0)), "all-keys", at(1_000));
    expect(phases(keys, 1_000)).toEqual(["tainted", "tainted"]);
    expect(signingKey(keys, at(1_000))).toBeNull();
    const after = tended(keys, at(1_001));
    expect(phases(after, 1_001)).toEqual(["tainted", "tainted", "signing", "standby"]);
  });

  it("a key that is over is not tainted again, and there is nothing to do where there is no key", () => {
    const gone = { ...key(1, 0), retiredAt: at(5) };
    expect(emergencyRotation([gone, key(2, 1)], "all-keys", at(10)).tainted).toEqual([key(2, 1)]);
    expect(emergencyRotation([], "all-keys", at(0))).toEqual({ tainted: [], promoted: null });
  });
});

describe("whatever happens", () => {
  const day = 86_400_000;
  const events = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 1, max: 20 * day }),
      what: fc.constantFrom("time", "time", "time", "signing-key", "all-keys"),
    }),
    { maxLength: 25 },
  );
  /** Plays the events; after each, gateways tend. Calls `see` with every state and its instant. */
  function play(list: { afterMs: number; what: string }[], see: (keys: TokenKeyFacts[], now: Date) => void) {
    let keys = tended([], at(0));
    let ms = 0;
    see(keys, at(ms));
    for (const { afterMs, what } of list) {
      ms += afterMs;
      if (what !== "time") keys = rotated(keys, what as "all-keys", at(ms));
      keys = tended(keys, at(ms));
      see(keys, at(ms));
    }
  }

  it("exactly one key signs, exactly one stands by, and no tainted or retired one does either", () => {
    fc.assert(
      fc.property(events, (list) =>
        play(list, (keys, now) => {
          const found = phases(keys, now.getTime() - START);
          expect(found.filter((it) => it === "signing")).toHaveLength(1);
          expect(found.filter((it) => it === "standby")).toHaveLength(1);
        }),
      ),
    );
  });

  it("a token that was signed in calm, by a clock up to a minute wrong, verifies for its whole hour", () => {
    fc.assert(
      fc.property(events, fc.integer({ min: -60_000, max: 60_000 }), (list, skewMs) => {
        let signed: { by: number; untilMs: number } | null = null;
        play(
          list.filter(({ what }) => what === "time"),
          (keys, now) => {
            const key = signed && keys.find((it) => it.generation === signed?.by);
            if (key && signed && now.getTime() < signed.untilMs)
              expect(tokenKeyPhase(key, keys, now)).not.toMatch(/retired|tainted/);
            const by = signingKey(keys, new Date(now.getTime() + skewMs))?.generation ?? 0;
            signed = { by, untilMs: now.getTime() + 3_600_000 };
            const whole = new Date(signed.untilMs - 1);
            const own = keys.find((it) => it.generation === by) as TokenKeyFacts;
            expect(tokenKeyPhase(own, keys, whole)).not.toMatch(/retired|tainted/);
          },
        );
      }),
    );
  });

  it("in calm a key is known for a day before it signs", () => {
    fc.assert(
      fc.property(events, (list) =>
        play(
          list.filter(({ what }) => what === "time"),
          (keys) => {
            for (const it of keys.slice(1))
              expect(it.signsFrom.getTime() - it.publishedAt.getTime()).toBeGreaterThanOrEqual(
                TOKEN_KEY_AHEAD_MS,
              );
          },
        ),
      ),
    );
  });
});
