import type { Scorer } from "../scorer.ts";
import type { EvidenceModel } from "./evidence-model.ts";
import { alarmOf, type Rarity, scoreOf } from "./rarity.ts";
import { type Accumulated, CHANNELS, emptyState, gather, settle } from "./state.ts";
import { strengthOf, strongestOf } from "./strength.ts";

/** Residuals of one row, NaN where a value is missing, and what the entity's past has left behind. */
export type EvidenceWindow = { z: Float64Array; atMs: number; state: Accumulated };

/** A feature's part: how surprising its strongest evidence is, in nats, and what kind that is. */
export type Evidence = {
  feature: number;
  channel: (typeof CHANNELS)[number];
  surprise: number;
  size: number;
};

export type EvidenceScore = {
  score: number;
  /** The state after the row: to be kept, or dropped where the row may still change. */
  next: Accumulated;
  /** Strongest first; worked out when asked for. */
  contributions: () => Evidence[];
};

/** Residuals against season, recent past and each other, now and added up, calibrated to declared false-alarm rates. */
export const evidenceScorer: Scorer<EvidenceWindow, EvidenceModel & { rarity: Rarity }, EvidenceScore> = {
  id: "evidence",
  version: "2",
  score({ z, atMs, state }, model) {
    const width = z.length;
    const evidence = new Float64Array(CHANNELS.length * width + 1);
    const next = emptyState(width);
    gather(z, atMs, state, next, model, evidence);
    const strength = strengthOf(evidence, model);
    settle(next, evidence.subarray(0, width), strength >= alarmOf(model.rarity), state, model.stepMs);
    return {
      score: scoreOf(strength, model.rarity),
      next,
      contributions: () => contributionsOf(evidence, model, width),
    };
  },
};

function contributionsOf(evidence: Float64Array, model: EvidenceModel, width: number): Evidence[] {
  return Array.from({ length: width }, (_, feature) => {
    const { surprise, channel } = strongestOf(evidence, model.tails, feature, width);
    return {
      feature,
      channel: CHANNELS[channel] ?? "now",
      surprise,
      size: evidence[channel * width + feature] ?? 0,
    };
  }).sort((a, b) => b.surprise - a.surprise);
}
