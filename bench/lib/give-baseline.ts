import { baselines } from "../../db/schema/index.ts";
import { uuidv7 } from "../../server/kernel/ids.ts";
import { learnBaseline } from "../../server/layers/monitoring/engine/baseline.ts";
import { seeded, usualMinute } from "../../server/layers/monitoring/testing/usual-weeks.ts";
import type { BenchSystem } from "./bench-system.ts";

const DAYS = 14;
/** Every fourth minute, day and night: usual at whatever hour the bench is run. */
const STEP_MS = 240_000;

/** Gives agents the baseline of two ordinary weeks, learnt by the product's own learner. */
export async function giveBaselines(
  system: BenchSystem,
  agentIds: readonly string[],
  now: Date,
): Promise<void> {
  const random = seeded(1);
  const untilMs = Math.floor(now.getTime() / 60_000) * 60_000 - 3_600_000;
  const fromMs = untilMs - DAYS * 86_400_000;
  const windows = [];
  for (let atMs = fromMs; atMs < untilMs; atMs += STEP_MS)
    windows.push({ atMs, features: usualMinute(random) });
  const model = learnBaseline(windows, "UTC");
  await system.db.insert(baselines).values(
    agentIds.map((agentId) => ({
      id: uuidv7(now.getTime()),
      agentId,
      version: 1,
      model,
      windows: model.windows,
      learntFrom: new Date(model.fromMs),
      learntTo: new Date(model.toMs),
      createdAt: now,
      createdBy: "bench",
    })),
  );
}
