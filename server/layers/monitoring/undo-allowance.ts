import type { z } from "zod";
import { notify } from "../../../db/listen.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { actorRecord } from "../../kernel/actor.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { withdrawLessons } from "./allowance-store.ts";
import { undoAllowanceInput } from "./learning-schema.ts";
import { findAgent } from "./store.ts";

/**
 * Takes an allowance back: the verdicts it rests on teach nothing any more. It needs no second person, because the
 * agent is only judged more strictly by it.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`. @throws ConflictError `no_allowance`.
 */
export async function undoAllowance(
  ctx: VerbContext,
  input: z.input<typeof undoAllowanceInput>,
): Promise<{ verdicts: number }> {
  requirePermission(ctx.actor, "alerts.triage");
  const { agent: named, feature, reason } = undoAllowanceInput.parse(input);
  const { db, actor, now } = ctx;
  const agent = await findAgent(db, named);
  return db.transaction(async (tx) => {
    const by = actorRecord(actor).id;
    const verdicts = await withdrawLessons(tx, { agentId: agent.id, feature, by, reason, now });
    if (verdicts === 0) throw new ConflictError("no_allowance", "No verdict lowers this cause now.");
    await appendRecord(tx, {
      kind: "allowance.undone",
      ...{ actor, now, agent: { id: agent.id, did: agent.did } },
      details: { feature, verdicts, reason },
    });
    await notify(tx, "score", agent.id);
    return { verdicts };
  });
}
