import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { lockLine } from "../../../db/family.ts";
import { notify } from "../../../db/listen.ts";
import { breakGlassUses } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { Check } from "../../kernel/decision.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { decideReview } from "./engine/decide-review.ts";
import type { reviewBreakGlassInput } from "./glass-schema.ts";
import { type Operator, ownersOf, personNow, personOf } from "./person-now.ts";
import { type AgentRow, lockUsers, unknownAgent } from "./store.ts";
import { type BreakGlassRow, lockBreakGlass } from "./store-break-glass.ts";

type Review = {
  input: ReturnType<typeof reviewBreakGlassInput.parse>;
  stepUp: string;
  actor: Operator;
  now: Date;
};

/**
 * Writes somebody else's verdict on a use of break-glass, once and for good, in the caller's transaction. What is
 * refused is recorded.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `break_glass_unknown`.
 * @throws ConflictError `break_glass_reviewed`.
 */
export async function settleBreakGlass(
  tx: Tx,
  { input, stepUp, actor, now }: Review,
): Promise<{ use: BreakGlassRow; agent: AgentRow } | { failed: Check }> {
  requirePermission(actor, "glass.review");
  const use = await lockBreakGlass(tx, input.id);
  const [agent, ...line] = await lockLine(tx, use.agentId, "share");
  if (!agent) throw unknownAgent(use.agentId);
  const ownerIds = ownersOf([agent, ...line]);
  const users = await lockUsers(tx, [actor.id, use.userId, ...ownerIds]);
  const { outcome, checks } = decideReview({
    reviewer: personNow(actor, users, "glass.review"),
    user: personOf(users, use.userId),
    owners: ownerIds.map((id) => personOf(users, id)),
    reviewed: use.reviewedAt !== null,
  });
  const failed = checks.find((check) => !check.passed);
  await appendRecord(tx, {
    kind: failed ? "break_glass.review_refused" : "break_glass.reviewed",
    ...{ actor, now, outcome, checks, policyVersion: use.policyVersion, subjects: [use.id] },
    agent: { id: agent.id, did: agent.did },
    details: {
      ...{ breakGlassId: use.id, scope: use.scope, usedBy: use.userId, stepUp },
      ...{ verdict: input.verdict, reason: input.reason, late: now > use.reviewDueAt },
    },
  });
  if (failed) return { failed };
  const said = { verdict: input.verdict, reviewReason: input.reason, reviewedBy: actor.id, reviewedAt: now };
  const settled = await tx
    .update(breakGlassUses)
    .set(said)
    .where(and(eq(breakGlassUses.id, use.id), isNull(breakGlassUses.reviewedAt)))
    .returning();
  const [row] = settled;
  if (!row) throw new ConflictError("break_glass_reviewed", "It was reviewed already.", { use: use.id });
  await notify(tx, "grant", agent.id);
  return { use: row, agent };
}
