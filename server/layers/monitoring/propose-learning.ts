import { isUniqueViolation } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { learningProposals } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError, InvalidInputError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { expireProposals } from "./expire-proposals.ts";
import {
  EXCLUSION_MS_MAX,
  PROPOSAL_OPEN_MS,
  type ProposeLearningInput,
  proposeLearningInput,
} from "./learning-schema.ts";
import { baselineVersion, proposalDigest } from "./proposal-store.ts";
import { requirePerson } from "./second-person.ts";
import { findAgent } from "./store.ts";
import { activeBaseline } from "./window-store.ts";

type Wish = ReturnType<typeof proposeLearningInput.parse>;
type Terms = { fromAt: Date | null; toAt: Date | null; baselineId: string | null };
const NO_TERMS: Terms = { fromAt: null, toAt: null, baselineId: null };

/**
 * Proposes to change what an agent is learnt from or scored by: to exclude an interval or let it back in, to learn
 * anew, to go back to an earlier version (which is pinned then), or to unpin. Nothing is changed until a second person
 * has decided; unanswered, it ends after three days.
 *
 * @throws ForbiddenError `not_permitted`, `not_a_person`. @throws NotFoundError `agent_unknown`, `baseline_unknown`.
 * @throws InvalidInputError `interval_invalid`, `version_missing`. @throws ConflictError `proposal_pending`,
 * `version_in_use`, `not_pinned`.
 */
export async function proposeLearning(
  ctx: VerbContext,
  input: ProposeLearningInput,
): Promise<{ id: string; digest: string }> {
  requirePermission(ctx.actor, "learning.propose");
  const wish = proposeLearningInput.parse(input);
  const { db, now } = ctx;
  const actor = requirePerson(ctx.actor);
  const agent = await findAgent(db, wish.agent);
  const terms = await termsOf(ctx, agent.id, wish);
  const { kind, reason } = wish;
  const digest = proposalDigest({ agentId: agent.id, kind, ...terms });
  const id = uuidv7(now.getTime());
  try {
    await db.transaction(async (tx) => {
      await expireProposals(tx, { agentId: agent.id, now });
      await tx.insert(learningProposals).values({
        ...{ id, agentId: agent.id, kind, ...terms, reason, digest, proposedBy: actor.id, proposedAt: now },
        openUntil: new Date(now.getTime() + PROPOSAL_OPEN_MS),
      });
      await appendRecord(tx, {
        kind: "learning.proposed",
        ...{ actor, now, agent: { id: agent.id, did: agent.did } },
        details: { proposal: id, what: kind, ...said(terms), reason, digest },
        subjects: [`learning:${id}`],
      });
      await notify(tx, "score", agent.id);
    });
  } catch (error) {
    if (!isUniqueViolation(error, "learning_proposals_one_pending")) throw error;
    throw new ConflictError(
      "proposal_pending",
      `A proposal of this kind for ${agent.name} waits already: decide or withdraw it first.`,
      { agent: agent.name },
    );
  }
  return { id, digest };
}

async function termsOf({ db, now }: VerbContext, agentId: string, wish: Wish): Promise<Terms> {
  const { kind, from, to, version } = wish;
  if (kind === "exclude" || kind === "readmit") return { ...NO_TERMS, ...interval(from, to, now) };
  if (kind === "relearn") {
    if (from && from > now) throw invalid("Learning begins at an instant that has been.");
    return { ...NO_TERMS, fromAt: from ?? null };
  }
  const active = await activeBaseline(db, agentId);
  if (kind === "unpin") {
    if (!active?.pinnedAt || active.unpinnedAt)
      throw new ConflictError("not_pinned", "The baseline in use is not pinned.");
    return { ...NO_TERMS, baselineId: active.id };
  }
  if (!version) throw new InvalidInputError("version_missing", "Say which version to go back to.");
  const target = await baselineVersion(db, agentId, { version });
  if (target.retiredAt === null)
    throw new ConflictError("version_in_use", `Version ${version} is in use already.`, { version });
  return { ...NO_TERMS, baselineId: target.id };
}

function interval(from: Date | null | undefined, to: Date | null | undefined, now: Date) {
  if (!from || !to) throw invalid("Say from when to when.");
  if (from >= to) throw invalid("The end must be after the start.");
  if (to > now) throw invalid("The interval must have been: what is to come is excluded once it has.");
  if (to.getTime() - from.getTime() > EXCLUSION_MS_MAX) throw invalid("At most six weeks at a time.");
  return { fromAt: from, toAt: to };
}

function invalid(message: string): InvalidInputError {
  return new InvalidInputError("interval_invalid", message);
}

function said({ fromAt, toAt, baselineId }: Terms) {
  return { from: fromAt?.toISOString() ?? null, to: toAt?.toISOString() ?? null, baselineId };
}
