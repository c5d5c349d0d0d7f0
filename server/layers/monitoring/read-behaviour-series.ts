import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { learningProgress } from "./engine/baseline.ts";
import type { Calibration } from "./engine/calibrate.ts";
import { expectedBand } from "./engine/expected-band.ts";
import { significant } from "./engine/robust.ts";
import { learningCounts } from "./learning-store.ts";
import { behaviourSeriesInput, type Contribution, FEATURES, type ResponseLevel } from "./schema.ts";
import { latestResponse, latestWindow, seriesBuckets } from "./series-store.ts";
import { findAgent } from "./store.ts";
import { activeBaseline } from "./window-store.ts";

const MINUTE_MS = 60_000;

export type BehaviourSeries = {
  agent: { id: string; name: string; did: string };
  feature: (typeof FEATURES)[number];
  /** Length of a bucket in milliseconds; a point's `at` is its end. */
  stepMs: number;
  points: {
    at: Date;
    value: number | null;
    valueMax: number | null;
    score: number | null;
    low: number | null;
    high: number | null;
    typical: number | null;
    imported: boolean;
    excluded: boolean;
  }[];
  latest: {
    score: number | null;
    level: ResponseLevel;
    since: Date | null;
    scoredAt: Date | null;
    windowAt: Date | null;
    contributions: Contribution[];
  };
  baseline: {
    id: string;
    version: number;
    windows: number;
    learntFrom: Date;
    learntTo: Date;
    createdAt: Date;
    createdBy: string;
    timeZone: string;
    calibration: Calibration;
  } | null;
  /** Where there is no baseline: how far learning has come. */
  learning: { words: string; windows: number; days: number } | null;
};

/**
 * One feature of an agent over time with what its baseline expects, its scores, and how it stands now. At most
 * `points` buckets; empty ones are left out.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 */
export async function readBehaviourSeries(
  ctx: VerbContext,
  input: z.input<typeof behaviourSeriesInput>,
): Promise<BehaviourSeries> {
  requirePermission(ctx.actor, "agents.read");
  const { agent: named, feature, from, to, points: pointsMax } = behaviourSeriesInput.parse(input);
  const { id, name, did } = await findAgent(ctx.db, named);
  const spanMs = to.getTime() - from.getTime();
  const stepMs = Math.max(1, Math.ceil(spanMs / pointsMax / MINUTE_MS)) * MINUTE_MS;
  // Buckets are on full steps, so that a chart that is drawn again a second later keeps its points.
  const fromMs = Math.floor(from.getTime() / stepMs) * stepMs;
  const [buckets, baseline, response, window] = await Promise.all([
    seriesBuckets(ctx.db, { agentId: id, feature, fromMs, toMs: to.getTime(), stepMs }),
    activeBaseline(ctx.db, id),
    latestResponse(ctx.db, id),
    latestWindow(ctx.db, id),
  ]);
  const points = buckets.slice(-pointsMax).map(({ atMs, value, valueMax, score, imported, excluded }) => {
    const band = baseline && expectedBand(feature, atMs - stepMs / 2, baseline.model);
    return {
      at: new Date(atMs),
      value: value === null ? null : significant(value),
      valueMax: valueMax === null ? null : significant(valueMax),
      score,
      low: band?.low ?? null,
      high: band?.high ?? null,
      typical: band?.typical ?? null,
      imported,
      excluded,
    };
  });
  const counts = baseline
    ? null
    : ((await learningCounts(ctx.db, [id], ctx.now)).get(id) ?? { windows: 0, days: 0 });
  return {
    agent: { id, name, did },
    feature: FEATURES.find(({ key }) => key === feature) ?? FEATURES[0],
    stepMs,
    points,
    latest: {
      score: response?.score ?? null,
      level: (response?.level ?? "none") as ResponseLevel,
      since: response?.since ?? null,
      scoredAt: response?.scoredAt ?? null,
      windowAt: window?.at ?? null,
      contributions: (response?.contributions ?? []) as Contribution[],
    },
    baseline: baseline && {
      id: baseline.id,
      version: baseline.version,
      windows: baseline.windows,
      learntFrom: baseline.learntFrom,
      learntTo: baseline.learntTo,
      createdAt: baseline.createdAt,
      createdBy: baseline.createdBy,
      timeZone: baseline.model.timeZone,
      calibration: baseline.model.calibration,
    },
    learning: counts && learningProgress(counts.windows, counts.days),
  };
}
