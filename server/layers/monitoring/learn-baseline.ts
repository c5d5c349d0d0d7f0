import { eq } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { agents } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError, ForbiddenError, NotFoundError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { type Baseline, learnBaseline, learningProgress } from "./engine/baseline.ts";
import { type Drift, findDrift } from "./engine/drift.ts";
import { learningFrozen, learningSpan } from "./learning-store.ts";
import { learningFloor, learningMark } from "./proposal-store.ts";
import { activeBaseline, installationTimeZone, learningWindows } from "./window-store.ts";
import { writeBaseline } from "./write-baseline.ts";

const WINDOWS_MAX = 60_000;
const MINUTE_MS = 60_000;

/** What became of it: a new version, or none because behaviour has drifted and two people must say that it may. */
export type LearnOutcome =
  | { kind: "learnt"; baselineId: string; version: number; windows: number }
  | { kind: "drifted"; drift: Drift };

/** A model that was learnt and not yet written, with what bore on it when its minutes were read. */
export type PreparedModel = { model: Baseline; mark: string };

/**
 * Learns an agent's baseline from its clean minutes of the last six weeks, and makes it the one it is scored by. A
 * duty's: people propose it (`proposeLearning`). It follows no drift, so that nobody is slowly taught to look away,
 * replaces no version that is pinned, and learns nothing while the agent is contained or in an open incident.
 *
 * @param options.fence called first in the transaction that writes.
 * @throws ForbiddenError `not_permitted`, `two_people_needed`. @throws NotFoundError `agent_unknown`.
 * @throws ConflictError `still_learning`, `baseline_frozen`, `baseline_pinned`, `learning_changed`.
 */
export async function learnAgentBaseline(
  ctx: VerbContext,
  input: { agentId: string },
  options: { fence?: (tx: Tx) => Promise<void> } = {},
): Promise<LearnOutcome> {
  requirePermission(ctx.actor, "learning.propose");
  if (ctx.actor.type !== "system")
    throw new ForbiddenError("two_people_needed", "Propose to learn anew; a second person decides.");
  const { agentId } = input;
  const { model, mark } = await prepareLearning(ctx.db, agentId, ctx.now);
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
    if (before?.pinnedAt && !before.unpinnedAt)
      throw new ConflictError("baseline_pinned", `Version ${before.version} of ${agent.name} is pinned.`);
    await requireUnchanged(tx, agentId, mark);
    const drift = before && findDrift(before.model, model);
    if (drift) return { kind: "drifted", drift };
    const made = await writeBaseline(tx, { ...ctx, agentId, model, retireReason: "learnt anew by the duty" });
    await appendRecord(tx, {
      kind: "baseline.learnt",
      actor: ctx.actor,
      now: ctx.now,
      agent,
      details: { ...made, calibration: model.calibration },
    });
    await notify(tx, "score", agentId);
    return { kind: "learnt", ...made };
  });
}

/**
 * Learns a model from an agent's clean minutes, and writes nothing.
 *
 * @param from learns from no minute before it; the latest that two people decided on counts in any case.
 * @throws ConflictError `still_learning` where there is too little.
 */
export async function prepareLearning(
  db: Database,
  agentId: string,
  now: Date,
  from: Date | null = null,
): Promise<PreparedModel> {
  const mark = await learningMark(db, agentId);
  const { since, until } = learningSpan(now);
  // A minute is named by its end: the first that lies wholly behind the instant ends one later.
  const decided = [from, await learningFloor(db, agentId)].flatMap((at) =>
    at ? [at.getTime() + MINUTE_MS] : [],
  );
  const span = { since: new Date(Math.max(since.getTime(), ...decided)), until };
  const windows = await learningWindows(db, agentId, span, WINDOWS_MAX);
  const timeZone = await installationTimeZone(db);
  const active = windows.filter(({ features }) => features.apiCallsPerMinute > 0);
  const days = new Set(active.map(({ atMs }) => Math.floor((atMs - 1) / 86_400_000))).size;
  const progress = learningProgress(active.length, days);
  if (!progress.enough)
    throw new ConflictError("still_learning", `There is too little to learn from yet (${progress.words}).`, {
      windows: active.length,
      days,
    });
  return { model: learnBaseline(windows, timeZone), mark };
}

/**
 * Nothing was decided on what the agent is learnt from since its minutes were read; the caller has locked the agent.
 *
 * @throws ConflictError `learning_changed`.
 */
export async function requireUnchanged(tx: Tx, agentId: string, mark: string): Promise<void> {
  if ((await learningMark(tx, agentId)) !== mark)
    throw new ConflictError("learning_changed", "What it is learnt from was changed meanwhile; try again.");
}
