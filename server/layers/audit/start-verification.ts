import { notify } from "../../../db/listen.ts";
import { verificationRuns } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { actorRecord } from "../../kernel/actor.ts";
import { ConflictError, InvalidInputError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "./append.ts";
import { type StartVerificationInput, startVerificationInput } from "./schema.ts";
import { openRuns } from "./verification-runs.ts";

/** Runs that may wait at once: each reads the whole log, and more of them tell nothing more. */
const OPEN_RUNS_MAX = 5;

/**
 * Asks for a verification of the log, or of a range of it. The worker does it; its progress and findings are
 * read by the id.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `range_empty`. @throws ConflictError `verifications_waiting`.
 */
export async function startVerification(
  ctx: VerbContext,
  input: Partial<StartVerificationInput>,
): Promise<{ id: string }> {
  requirePermission(ctx.actor, "audit.verify");
  const { fromSeq, toSeq, withSignatures } = startVerificationInput.parse(input);
  if (toSeq !== null && toSeq < fromSeq)
    throw new InvalidInputError("range_empty", `The range ${fromSeq} to ${toSeq} holds no entry.`);
  const id = uuidv7(ctx.now.getTime());
  await ctx.db.transaction(async (tx) => {
    if ((await openRuns(tx)) >= OPEN_RUNS_MAX)
      throw new ConflictError(
        "verifications_waiting",
        `${OPEN_RUNS_MAX} verifications wait already. Ask again when one has ended.`,
      );
    await tx.insert(verificationRuns).values({
      id,
      requestedBy: actorRecord(ctx.actor).name,
      fromSeq,
      toSeq,
      withSignatures: withSignatures ? 1 : 0,
      requestedAt: ctx.now,
    });
    await appendRecord(tx, {
      kind: "audit.verification-requested",
      actor: ctx.actor,
      now: ctx.now,
      details: { verificationId: id, fromSeq, toSeq, withSignatures },
    });
    await notify(tx, "verification", id);
  });
  return { id };
}
