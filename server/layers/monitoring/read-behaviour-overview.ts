import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { DECLARED_RATES } from "./engine/calibrate.ts";
import { type BehaviourOverview, behaviourOverviewInput } from "./overview-schema.ts";
import {
  alarmHours,
  countByLevel,
  highestMinutes,
  type JudgedHour,
  scoredAgentDays,
} from "./overview-store.ts";
import { RESPONSE_THRESHOLDS } from "./schema.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const BUDGET_DAYS = 7;
const BUCKETS = 144;
const ANOMALIES_MAX = 600;

/**
 * Behaviour of all agents at a glance: how many stand where, what passed the lines of the score in the last hours, and
 * how the alarms of the last seven days stand against those that the lines declare (0.5, 0.7 and 0.9 stand for 1, 0.1
 * and 0.01 false alarms an agent and day).
 *
 * @throws ForbiddenError `not_permitted`.
 */
export async function readBehaviourOverview(
  { db, actor, now }: VerbContext,
  input: z.input<typeof behaviourOverviewInput>,
): Promise<BehaviourOverview> {
  requirePermission(actor, "agents.read");
  const { hours } = behaviourOverviewInput.parse(input);
  const stepMs = Math.max(MINUTE_MS, (hours * HOUR_MS) / BUCKETS);
  // A minute is named by its end: the one that is running is scored already.
  const to = new Date(Math.ceil((now.getTime() + 1) / MINUTE_MS) * MINUTE_MS);
  const strip = { from: new Date(to.getTime() - hours * HOUR_MS), to };
  const week = { from: new Date(to.getTime() - BUDGET_DAYS * 24 * HOUR_MS), to };
  const [levels, highest, agentDays, judged] = await Promise.all([
    countByLevel(db),
    highestMinutes(db, strip, stepMs, ANOMALIES_MAX),
    scoredAgentDays(db, week),
    alarmHours(db, week),
  ]);
  const counts = { none: 0, record: 0, limit: 0, contain: 0, learning: 0 };
  for (const { level, n } of levels) counts[level] = n;
  return {
    measuredAt: now,
    counts,
    strip: { ...strip, ...highest },
    budget: {
      ...week,
      agentDays,
      declared: DECLARED_RATES,
      alarms: perLine(judged),
      judgedTrue: perLine(judged.filter((hour) => hour.judged === "true")),
      judgedFalse: perLine(judged.filter((hour) => hour.judged === "false")),
    },
  };
}

/** An alarm above a line is one above those below it too. */
function perLine(hours: readonly JudgedHour[]): BehaviourOverview["budget"]["alarms"] {
  const above = (line: number) => hours.reduce((sum, { score, n }) => (score >= line ? sum + n : sum), 0);
  const { record, limit, contain } = RESPONSE_THRESHOLDS;
  return { record: above(record), limit: above(limit), contain: above(contain) };
}
