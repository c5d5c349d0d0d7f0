import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { baselines } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { present } from "../../kernel/ensure.ts";
import { ConflictError } from "../../kernel/errors.ts";
import type { Baseline } from "./engine/baseline.ts";
import { findDrift } from "./engine/drift.ts";
import { type PreparedModel, requireUnchanged } from "./learn-baseline.ts";
import { learningFrozen } from "./learning-store.ts";
import { baselineVersion, type ProposalRow } from "./proposal-store.ts";
import { activeBaseline, judgeWindows } from "./window-store.ts";
import { writeBaseline } from "./write-baseline.ts";

type Applying = {
  proposal: ProposalRow;
  /** For `relearn`: what was learnt before the transaction; null where there was too little. */
  prepared: PreparedModel | null;
  actor: Actor;
  now: Date;
};

/**
 * Does what two people decided, in the caller's transaction, which has locked the agent and marked the proposal as
 * approved.
 *
 * @returns what became of it; null where it waits for enough to learn from.
 * @throws ConflictError `baseline_frozen`, `learning_changed`, `version_in_use`, `not_pinned`.
 */
export async function applyLearning(tx: Tx, applying: Applying): Promise<Record<string, unknown> | null> {
  const { proposal } = applying;
  switch (proposal.kind) {
    case "exclude":
    case "readmit":
      return {
        minutes: await judgeWindows(tx, {
          agentId: proposal.agentId,
          from: present(proposal.fromAt, "the start"),
          to: present(proposal.toAt, "the end"),
          excluded: proposal.kind === "exclude",
        }),
      };
    case "relearn":
      return relearn(tx, applying);
    case "rollback":
      return goBack(tx, applying);
    default:
      return unpin(tx, applying);
  }
}

async function relearn(tx: Tx, { proposal, prepared, actor, now }: Applying) {
  const { agentId, id } = proposal;
  const frozen = await learningFrozen(tx, agentId);
  if (frozen) throw new ConflictError("baseline_frozen", `The agent learns nothing now: ${frozen}.`);
  if (!prepared) return null;
  const before = await activeBaseline(tx, agentId);
  const drift = before && findDrift(before.model, prepared.model);
  const made = await writeBaseline(tx, {
    ...{ agentId, model: prepared.model, actor, now, retireReason: `learnt anew: ${proposal.reason}` },
    by: { proposalId: id, origin: "relearnt" },
  });
  return { ...made, followedDrift: drift?.words ?? null };
}

async function goBack(tx: Tx, { proposal, actor, now }: Applying) {
  const target = await baselineVersion(tx, proposal.agentId, {
    id: present(proposal.baselineId, "the version"),
  });
  if (target.retiredAt === null)
    throw new ConflictError("version_in_use", `Version ${target.version} is in use already.`);
  const made = await writeBaseline(tx, {
    ...{ agentId: proposal.agentId, model: target.model as Baseline, actor, now },
    retireReason: `rolled back to version ${target.version}: ${proposal.reason}`,
    by: { proposalId: proposal.id, origin: "rollback", restoredFrom: target.id },
  });
  return { ...made, restoredVersion: target.version };
}

async function unpin(tx: Tx, { proposal, now }: Applying) {
  const id = present(proposal.baselineId, "the version");
  const [row] = await tx
    .update(baselines)
    .set({ unpinnedAt: now })
    .where(and(eq(baselines.id, id), isNull(baselines.retiredAt), isNull(baselines.unpinnedAt)))
    .returning({ version: baselines.version });
  if (!row) throw new ConflictError("not_pinned", "This version is not the pinned one any more.");
  return { baselineId: id, version: row.version };
}

/** As `requireUnchanged`, for a model that was prepared before the decision. */
export async function requireFresh(tx: Tx, agentId: string, prepared: PreparedModel | null): Promise<void> {
  if (prepared) await requireUnchanged(tx, agentId, prepared.mark);
}
