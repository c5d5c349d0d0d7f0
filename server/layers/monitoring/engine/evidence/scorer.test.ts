import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MONDAY_MS, NAMES, STEP_MS, usualVectors } from "../../testing/usual-vectors.ts";
import { hourOfWeek } from "../hour-of-week.ts";
import { scoreOf, strengthsOf } from "./rarity.ts";
import { evidenceScorer } from "./scorer.ts";
import type { Series } from "./series.ts";
import { type Accumulated, emptyState } from "./state.ts";
import { type Learnt, learnVector, residualOf } from "./vector-model.ts";

const TRAIN_DAYS = 21;
const FROM = TRAIN_DAYS * 144;
const hourOf = (atMs: number) => hourOfWeek(atMs, "UTC");
const learn = (series: Series[]) => learnVector(series, NAMES, STEP_MS, hourOf);
const learnt = learn([usualVectors({ days: TRAIN_DAYS, seed: 1 })]);
const fresh = usualVectors({ days: 14, seed: 2, fromStep: FROM });

function scoreAll({ model, state: after }: Learnt, { atMs, values, width }: Series) {
  let state: Accumulated = after;
  return Array.from(atMs, (at, row) => {
    const z = zOf(model, values.subarray(row * width, (row + 1) * width), at);
    const scored = evidenceScorer.score({ z, atMs: at, state }, model);
    state = scored.next;
    return scored;
  });
}

function zOf(model: Learnt["model"], values: ArrayLike<number>, at: number): Float64Array {
  return Float64Array.from(model.features, (feature, f) =>
    residualOf(feature, values[f] ?? Number.NaN, hourOf(at)),
  );
}

/** The series with some rows of a feature changed. */
function changed(
  series: Series,
  feature: number,
  rows: [number, number],
  change: (value: number) => number,
): Series {
  const values = series.values.slice();
  for (let row = rows[0]; row < rows[1]; row++) {
    const at = row * series.width + feature;
    values[at] = change(values[at] ?? 0);
  }
  return { ...series, values };
}

const highest = (scored: readonly { score: number }[]) => Math.max(...scored.map(({ score }) => score));
const hoursAbove = (scored: readonly { score: number }[], least: number) =>
  new Set(scored.flatMap(({ score }, row) => (score > least ? [Math.floor(row / 6)] : []))).size;

describe("scores", () => {
  test("the score is in range and finite for any residuals, missing ones among them", () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, 1e308, -1e308, 0));
    fc.assert(
      fc.property(
        fc.array(fc.array(number, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 20 }),
        (rows) => {
          let state = emptyState(4);
          rows.forEach((z, row) => {
            const { score, next } = evidenceScorer.score(
              { z: Float64Array.from(z), atMs: MONDAY_MS + row * STEP_MS, state },
              learnt.model,
            );
            state = next;
            expect(score).toBeGreaterThanOrEqual(0);
            expect(score).toBeLessThan(1);
            expect(next.sums.every(Number.isFinite) && next.level.every(Number.isFinite)).toBe(true);
          });
        },
      ),
    );
  });

  test("a row's score rests on rows of its time and before alone", () => {
    const scores = scoreAll(learnt, fresh).map(({ score }) => score);
    const part = { ...fresh, atMs: fresh.atMs.subarray(0, 500), values: fresh.values.subarray(0, 2000) };
    expect(scoreAll(learnt, part).map(({ score }) => score)).toEqual(scores.slice(0, 500));
  });

  test("scoring leaves the state it was given as it was", () => {
    const state = structuredClone(learnt.state);
    evidenceScorer.score({ z: Float64Array.of(9, 9, 9, 9), atMs: fresh.atMs[0] ?? 0, state }, learnt.model);
    expect(state).toEqual(learnt.state);
  });

  test("more of one feature never scores lower, where nothing else has happened", () => {
    for (let f = 0; f < NAMES.length; f++) {
      let last = 0;
      for (let size = 0; size < 40; size += 0.5) {
        const z = new Float64Array(NAMES.length);
        z[f] = size;
        const { score } = evidenceScorer.score({ z, atMs: MONDAY_MS, state: emptyState(4) }, learnt.model);
        expect(score).toBeGreaterThanOrEqual(last);
        last = score;
      }
      expect(last).toBeGreaterThan(0.7);
    }
  });

  test("scores do not saturate: what is stronger stays above what is strong", () => {
    const scores = [1, 2, 4, 8, 16].map((times) => scoreOf(20 * times, learnt.model.rarity));
    expect(new Set(scores.map((score) => score.toPrecision(9))).size).toBe(scores.length);
  });

  test("the declared rates stand at 0.5, 0.7 and 0.9 exactly", () => {
    const { rarity } = learnt.model;
    expect(strengthsOf(rarity).map((strength) => scoreOf(strength, rarity))).toEqual([0.5, 0.7, 0.9]);
  });

  test("the unit a feature comes in changes no score", () => {
    const inBytes = (series: Series) =>
      changed(series, 1, [0, series.atMs.length], (value) => value * 1_048_576);
    const other = learn([inBytes(usualVectors({ days: TRAIN_DAYS, seed: 1 }))]);
    const scores = scoreAll(other, inBytes(fresh));
    scoreAll(learnt, fresh).forEach(({ score }, row) => {
      expect(scores[row]?.score).toBeCloseTo(score, 2);
    });
  });

  test("the same rows give the same model and scores, to the last digit", () => {
    expect(JSON.stringify(learn([usualVectors({ days: TRAIN_DAYS, seed: 1 })]).model)).toBe(
      JSON.stringify(learnt.model),
    );
  });

  test("a stored model scores as the learnt one, and model and state are small", () => {
    const text = JSON.stringify(learnt.model);
    const stored = { ...learnt, model: JSON.parse(text) as Learnt["model"] };
    expect(scoreAll(stored, fresh).map(({ score }) => score)).toEqual(
      scoreAll(learnt, fresh).map(({ score }) => score),
    );
    expect(text.length).toBeLessThan(20_480);
    expect(7 * NAMES.length * 8 + 24).toBeLessThan(1_024);
  });
});

describe("what is found", () => {
  test("a burst is above 0.9 at once, and the feature is named", () => {
    const scored = scoreAll(
      learnt,
      changed(fresh, 1, [700, 703], (value) => value * 30),
    );
    expect(scored[700]?.score).toBeGreaterThan(0.9);
    expect(NAMES[scored[700]?.contributions()[0]?.feature ?? -1]).toBe("megabytes");
  });

  test("a third more data a call for a day is found by adding up, though no row stands out", () => {
    const slow = scoreAll(
      learnt,
      changed(fresh, 1, [700, 844], (value) => value * 1.35),
    );
    const during = slow.slice(700, 844);
    expect(highest(during)).toBeGreaterThan(0.7);
    expect(during[0]?.score).toBeLessThan(0.7);
    const best = during.reduce((a, b) => (b.score > a.score ? b : a));
    expect(best.contributions()[0]?.channel).toMatch(/hour|quarter|day|Hour|Quarter|Day/);
  });

  test("an outage counts, though downwards", () => {
    const scored = scoreAll(
      learnt,
      changed(fresh, 0, [700, 706], () => 0),
    );
    expect(highest(scored.slice(700, 706))).toBeGreaterThan(0.5);
  });

  test("a feature that never varied says so when it does", () => {
    const still = (series: Series) => changed(series, 2, [0, series.atMs.length], () => 0);
    const judged = learn([still(usualVectors({ days: TRAIN_DAYS, seed: 1 }))]);
    const scored = scoreAll(
      judged,
      changed(still(fresh), 2, [700, 701], () => 0.4),
    );
    expect(scored[700]?.score).toBeGreaterThan(0.5);
    expect(NAMES[scored[700]?.contributions()[0]?.feature ?? -1]).toBe("refused");
  });
});

describe("what is usual", () => {
  test("on fresh days the declared rates hold within a factor of three", () => {
    let [half, limit, days] = [0, 0, 0];
    for (let seed = 10; seed < 20; seed++) {
      const own = learn([usualVectors({ days: TRAIN_DAYS, seed })]);
      const scored = scoreAll(own, usualVectors({ days: 14, seed: seed + 100, fromStep: FROM }));
      half += hoursAbove(scored, 0.5);
      limit += hoursAbove(scored, 0.7);
      days += 14;
    }
    expect(half / days).toBeLessThan(3);
    expect(half / days).toBeGreaterThan(0.2);
    expect(limit / days).toBeLessThan(0.3);
  });

  test("an attack inside the learning time hides no later one", () => {
    const attacked = changed(
      usualVectors({ days: TRAIN_DAYS, seed: 1 }),
      1,
      [1000, 1012],
      (value) => value * 20,
    );
    const scored = scoreAll(
      learn([attacked]),
      changed(fresh, 1, [700, 703], (value) => value * 20),
    );
    expect(scored[700]?.score).toBeGreaterThan(0.85);
  });

  test("while an alarm stands nothing is learnt", () => {
    const rows: [number, number] = [700, 720];
    const scored = scoreAll(
      learnt,
      changed(fresh, 1, rows, (value) => value * 8),
    );
    expect(scored[719]?.next.level).toEqual(scored[701]?.next.level);
    expect(scored[719]?.score).toBeGreaterThan(0.7);
  });

  test("a lasting new level stops alarming within hours", () => {
    const scored = scoreAll(
      learnt,
      changed(fresh, 1, [288, fresh.atMs.length], (value) => value * 3),
    );
    expect(highest(scored.slice(288, 300))).toBeGreaterThan(0.9);
    const later = scored.slice(288 + 144);
    expect(hoursAbove(later, 0.5) / (later.length / 144)).toBeLessThan(4);
    expect(hoursAbove(later, 0.7) / (later.length / 144)).toBeLessThan(0.5);
  });
});
