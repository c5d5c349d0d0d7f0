import { isUniqueViolation } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { trustOverrides } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { currentTrust } from "./current-trust.ts";
import { overrideDigest } from "./engine/decide-override.ts";
import { expireTrustOverrides } from "./expire-trust-overrides.ts";
import { agentByReference } from "./store.ts";
import { OVERRIDE_OPEN_SECONDS, type RequestOverrideInput, requestOverrideInput } from "./trust-schema.ts";

/**
 * Asks that an agent's trust be set by hand for a time, up or down. It counts for nothing until somebody else has
 * approved it; unanswered, it ends after a day.
 *
 * @throws ForbiddenError `not_permitted`, `not_a_person`. @throws NotFoundError `agent_unknown`.
 * @throws ConflictError `override_pending` where one waits for this agent.
 */
export async function requestTrustOverride(
  ctx: VerbContext,
  input: RequestOverrideInput,
): Promise<{ id: string; digest: string }> {
  requirePermission(ctx.actor, "trust.override");
  const { agent: reference, score, durationSeconds, reason } = requestOverrideInput.parse(input);
  const { db, actor, now } = ctx;
  if (actor.type !== "operator")
    throw new ForbiddenError("not_a_person", "Only a person asks for an override of trust.");
  const agent = await agentByReference(db, reference);
  const digest = overrideDigest({ agentId: agent.id, score, durationSeconds });
  const id = uuidv7(now.getTime());
  try {
    await db.transaction(async (tx) => {
      await expireTrustOverrides(tx, { agentId: agent.id, now });
      const { computed } = await currentTrust(tx, agent.id, now);
      await tx.insert(trustOverrides).values({
        ...{ id, agentId: agent.id, score, durationSeconds, reason, digest },
        ...{ requestedBy: actor.id, requestedAt: now },
        openUntil: new Date(now.getTime() + OVERRIDE_OPEN_SECONDS * 1000),
      });
      await appendRecord(tx, {
        kind: "trust.override_requested",
        actor,
        now,
        agent: { id: agent.id, did: agent.did },
        details: { override: id, score, computed, durationSeconds, reason, digest },
      });
      await notify(tx, "trust", agent.id);
    });
  } catch (error) {
    if (!isUniqueViolation(error, "trust_overrides_one_pending")) throw error;
    throw new ConflictError(
      "override_pending",
      `A request for ${agent.name} waits already: decide or end it first.`,
      {
        agent: agent.name,
      },
    );
  }
  return { id, digest };
}
