import { and, eq, isNull, max } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { agents, baselines } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { actorRecord } from "../../kernel/actor.ts";
import { ConflictError, NotFoundError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { type Baseline, learnBaseline, learningProgress } from "./engine/baseline.ts";
import { type Drift, findDrift } from "./engine/drift.ts";
import { learningFrozen, learningSpan } from "./learning-store.ts";
import { activeBaseline, installationTimeZone, learningWindows } from "./window-store.ts";

const WINDOWS_MAX = 60_000;

/** What became of it: a new version, or none because behaviour has drifted and a person must say that it may. */
export type LearnOutcome =
  | { kind: "learnt"; baselineId: string; version: number; windows: number }
  | { kind: "drifted"; drift: Drift };

/**
 * Learns an agent's baseline from its clean minutes of the last six weeks, and makes it the one it is scored by.
 * Asked by a person it follows a drift; on its own (`unattended`) it does not, so that nobody is slowly taught to
 * look away. Nothing is learnt while the agent is contained or in an open incident.
 *
 * @param options.fence called first in the transaction that writes.
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws ConflictError `still_learning`, `baseline_frozen`.
 */
export async function learnAgentBaseline(
  ctx: VerbContext,
  input: { agentId: string },
  options: { unattended?: boolean; fence?: (tx: Tx) => Promise<void> } = {},
): Promise<LearnOutcome> {
  requirePermission(ctx.actor, "policy.change");
  const { agentId } = input;
  const learnt = await learnFromWindows(ctx, agentId);
  return ctx.db.transaction(async (tx) => {
    await options.fence?.(tx);
    const [agent] = await tx
      .select({ id: agents.id, name: agents.name, did: agents.did })
      .from(agents)
      .where(eq(agents.id, agentId))
      .for("no key update");
    if (!agent) throw new NotFoundError("agent_unknown", "There is no such agent.", { agentId });
    const frozen = await learningFrozen(tx, agentId);
    if (frozen)
      throw new ConflictError("baseline_frozen", `${agent.name} learns nothing now: ${frozen}.`, {
        agent: agent.name,
      });
    const before = await activeBaseline(tx, agentId);
    const drift = before && findDrift(before.model, learnt);
    if (options.unattended && drift) return { kind: "drifted", drift };
    const made = await writeBaseline(tx, ctx, agentId, learnt);
    await appendRecord(tx, {
      kind: "baseline.learnt",
      actor: ctx.actor,
      now: ctx.now,
      agent,
      details: { ...made, calibration: learnt.calibration, followedDrift: drift?.words ?? null },
    });
    await notify(tx, "score", agentId);
    return { kind: "learnt", ...made };
  });
}

async function learnFromWindows(ctx: VerbContext, agentId: string): Promise<Baseline> {
  const windows = await learningWindows(ctx.db, agentId, learningSpan(ctx.now), WINDOWS_MAX);
  const timeZone = await installationTimeZone(ctx.db);
  const active = windows.filter(({ features }) => features.apiCallsPerMinute > 0);
  const days = new Set(active.map(({ atMs }) => Math.floor((atMs - 1) / 86_400_000))).size;
  const progress = learningProgress(active.length, days);
  if (!progress.enough)
    throw new ConflictError("still_learning", `There is too little to learn from yet (${progress.words}).`, {
      windows: active.length,
      days,
    });
  return learnBaseline(windows, timeZone);
}

async function writeBaseline(tx: Tx, ctx: VerbContext, agentId: string, model: Baseline) {
  const [latest] = await tx
    .select({ version: max(baselines.version) })
    .from(baselines)
    .where(eq(baselines.agentId, agentId));
  const made = {
    baselineId: uuidv7(ctx.now.getTime()),
    version: (latest?.version ?? 0) + 1,
    windows: model.windows,
  };
  await tx
    .update(baselines)
    .set({ retiredAt: ctx.now })
    .where(and(eq(baselines.agentId, agentId), isNull(baselines.retiredAt)));
  await tx.insert(baselines).values({
    id: made.baselineId,
    agentId,
    version: made.version,
    model,
    windows: model.windows,
    learntFrom: new Date(model.fromMs),
    learntTo: new Date(model.toMs),
    createdAt: ctx.now,
    createdBy: actorRecord(ctx.actor).name,
  });
  return made;
}
