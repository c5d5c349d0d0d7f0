import { CHANNELS } from "./state.ts";
import { surpriseOf, type Tail } from "./tail.ts";

/** What each channel's surprise counts: what is added up over long rests on few independent days, so it is believed less. */
const WEIGHTS: readonly number[] = [1, 1, 0.85, 0.7, 0.6, 1, 0.85, 0.7, 0.6];
/** Less than usual counts, as an outage does, but less: most lulls harm nobody. */
const DOWNWARD = 0.5;
/** Beyond what a fortnight of rows can tell, surprise grows with its logarithm. */
const CERTAIN = 10;
const BEYOND = 6;
/** The strongest features carry most of the whole; several at once add to it. */
const POWER = 2;
const USUAL = 1;
/** What the lesser of the two views (single features, all together) adds to the greater. */
const LESSER = 0.3;

/** How strong the evidence of a row is as a whole, in nats. Grows with each upward deviation, never falls. */
export function strengthOf(
  evidence: Float64Array,
  model: { tails: readonly (readonly Tail[])[]; together: Tail },
): number {
  const width = (evidence.length - 1) / CHANNELS.length;
  let sum = 0;
  for (let f = 0; f < width; f++) {
    const most = strongestOf(evidence, model.tails, f, width).surprise - USUAL;
    if (most > 0) sum += most ** POWER;
  }
  const single = sum ** (1 / POWER);
  const off = (evidence[evidence.length - 1] ?? 0) - model.together.centre;
  const together = off > 0 ? bounded(surpriseOf(model.together.up, off)) : 0;
  return Math.max(single, together) + LESSER * Math.min(single, together);
}

const strongest = { surprise: 0, channel: 0 };

/** The channel that says most about a feature. The returned object is the same at every call. */
export function strongestOf(
  evidence: Float64Array,
  tails: readonly (readonly Tail[])[],
  feature: number,
  width: number,
): Readonly<{ surprise: number; channel: number }> {
  strongest.surprise = 0;
  strongest.channel = 0;
  for (let channel = 0; channel < CHANNELS.length; channel++) {
    const tail = tails[channel]?.[feature];
    if (!tail) continue;
    const off = (evidence[channel * width + feature] ?? 0) - tail.centre;
    const surprise =
      (WEIGHTS[channel] ?? 1) *
      (off >= 0 ? bounded(surpriseOf(tail.up, off)) : DOWNWARD * bounded(surpriseOf(tail.down, -off)));
    if (surprise <= strongest.surprise) continue;
    strongest.surprise = surprise;
    strongest.channel = channel;
  }
  return strongest;
}

function bounded(surprise: number): number {
  return surprise < CERTAIN ? surprise : CERTAIN + BEYOND * Math.log1p((surprise - CERTAIN) / BEYOND);
}
