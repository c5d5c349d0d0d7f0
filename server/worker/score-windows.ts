import type { Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { callsForResponse, respondToScore } from "../flows/respond-to-score.ts";
import { temperResponse } from "../flows/temper-response.ts";
import type { Actor } from "../kernel/actor.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { type AssessedAgent, assessAgents, type ScorerMemory } from "../layers/monitoring/assess-agents.ts";
import {
  type FreshSlice,
  freshSlices,
  silentAgents,
  writeAssessments,
} from "../layers/monitoring/assessment-store.ts";
import { writeWhereabouts } from "../layers/monitoring/place-store.ts";
import type { Duty, DutyContext } from "./duty.ts";
import { holdLease } from "./lease.ts";

const SLICES_MAX = 2_000;
const SILENT_MAX = 500;
/** More agents than this in one run are announced together. */
const NOTICES_MAX = 50;
const ACTOR: Actor = { type: "system", id: "monitoring" };

/** When nothing was left to score the last time, under one epoch of the lease. */
let caughtUp: { ms: number; epoch: number } | null = null;
const memory: ScorerMemory = { models: new Map(), progress: new Map() };

/**
 * Scores the agents whose slices changed, each second or as soon as the fold is done, and answers the scores. An
 * agent whose response fails stays unscored and is tried again; the others are not held up.
 */
export const scoreWindows: Duty = {
  name: "score-windows",
  everyMs: 1_000,
  wakes: ["window"],
  run: async (context) => {
    const { db, now, publish } = context;
    const started = performance.now();
    const fresh = await freshSlices(db, SLICES_MAX);
    const lagMs = lagOf(fresh, context);
    const changed = new Set(fresh.map(({ agentId }) => agentId));
    const silent = (await silentAgents(db, now, SILENT_MAX)).filter((id) => !changed.has(id));
    if (fresh.length === 0 && silent.length === 0) {
      caughtUp = { ms: now.getTime(), epoch: context.lease.epoch };
      publish({ unscored: 0, lagMs });
      return { more: false };
    }
    const assessed = await assessAgents(db, memory, fresh, silent, now);
    const done = await answer(context, assessed);
    await store(context, done);
    const failed = assessed.length - done.length;
    if (failed === 0 && fresh.length < SLICES_MAX)
      caughtUp = { ms: now.getTime(), epoch: context.lease.epoch };
    publish({
      ...{ agents: done.length, failed, lagMs },
      unscored: fresh.length === SLICES_MAX ? SLICES_MAX : failed,
      scoringMs: Math.round(performance.now() - started),
    });
    return { more: fresh.length === SLICES_MAX && failed < assessed.length };
  },
};

/** The longest that anything to be scored can have waited since it was folded; 0 where nothing waits. */
function lagOf(fresh: readonly FreshSlice[], { now, lease }: DutyContext): number {
  if (fresh.length === 0) return 0;
  if (caughtUp?.epoch !== lease.epoch)
    // Whoever takes over knows no better than when the oldest of them began, by its agent's clock.
    caughtUp = { ms: Math.min(...fresh.map(({ sliceMs }) => sliceMs)), epoch: lease.epoch };
  return Math.max(0, now.getTime() - caughtUp.ms);
}

async function answer({ db, now, lease, log }: DutyContext, all: AssessedAgent[]): Promise<AssessedAgent[]> {
  const done: AssessedAgent[] = [];
  const gravestFirst = [...all].sort((a, b) => b.assessment.score - a.assessment.score);
  for (const assessed of gravestFirst) {
    try {
      const one = await temperResponse({ db, now, log }, assessed);
      if (callsForResponse(one))
        await respondToScore({ db, actor: ACTOR, now }, one, (tx) => holdLease(tx, lease));
      done.push(one);
    } catch (error) {
      if ((error as { code?: string }).code === "lease_lost") throw error;
      log.error(
        { err: error, agent: assessed.agent.name },
        "the response to a score failed; it is tried again",
      );
    }
  }
  return done;
}

async function store({ db, now, lease }: DutyContext, done: AssessedAgent[]): Promise<void> {
  if (done.length === 0) return;
  await db.transaction(async (tx) => {
    await holdLease(tx, lease);
    const rows = done.map(({ agent, assessment }) => ({
      agentId: agent.agentId,
      baselineId: agent.baselineId,
      assessment,
    }));
    await writeAssessments(
      tx,
      rows,
      done.flatMap(({ slices }) => slices),
      now,
    );
    await writeWhereabouts(
      tx,
      done.flatMap(({ agent, whereabouts }) =>
        whereabouts ? [{ agentId: agent.agentId, seen: whereabouts }] : [],
      ),
    );
    for (const one of done)
      if (one.assessment.decision.changed && !one.assessment.held) await recordChange(tx, one, now);
    const announced = done.length > NOTICES_MAX ? [""] : done.map(({ agent }) => agent.agentId);
    for (const key of announced) await notify(tx, "score", key);
  });
}

async function recordChange(tx: Tx, { agent, assessment }: AssessedAgent, now: Date): Promise<void> {
  const { decision, score, contributions } = assessment;
  await appendRecord(tx, {
    kind: "response.changed",
    actor: ACTOR,
    now,
    agent: { id: agent.agentId, did: agent.did },
    checks: decision.checks,
    details: {
      from: agent.response?.level ?? "none",
      to: decision.outcome,
      score,
      contributions,
      scorer: assessment.scorer,
      baselineId: agent.baselineId,
      baselineVersion: agent.baselineVersion,
    },
  });
}
