import { agentsAbove } from "../../../db/family.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { currentPolicy } from "./current-policy.ts";
import { breakGlassSeconds, mayBreakGlass } from "./engine/decide-break-glass.ts";
import type { BreakGlassOffer } from "./glass-schema.ts";
import { ownersOf, personNow, personOf } from "./person-now.ts";
import { agentByReference, usersByIds } from "./store.ts";
import { usersOverdue } from "./store-break-glass.ts";

/**
 * Why the caller may or may not break glass for an agent, and the scopes they could give it, for how long.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 */
export async function offerBreakGlass(
  { db, actor, now }: VerbContext,
  input: { agent: string },
): Promise<BreakGlassOffer> {
  requirePermission(actor, "approvals.read");
  const agent = await agentByReference(db, input.agent);
  const policy = await currentPolicy(db);
  const overdue = await usersOverdue(db, now);
  const ownerIds = ownersOf([agent, ...(await agentsAbove(db, agent.id))]);
  const users = await usersByIds(db, [
    ...(actor.type === "operator" ? [actor.id] : []),
    ...ownerIds,
    ...overdue,
  ]);
  const { outcome, checks } =
    actor.type === "operator"
      ? mayBreakGlass({
          person: personNow(actor, users, "glass.break"),
          rule: policy.breakGlass,
          owners: ownerIds.map((id) => personOf(users, id)),
          ...{ agent, cover: [], alreadyBroken: false, unreviewed: [] },
          overdue: overdue.map((id) => personOf(users, id)),
        })
      : {
          outcome: "deny" as const,
          checks: [{ id: "in-person", passed: false, detail: "Only people break glass." }],
        };
  return {
    mayBreak: { allowed: outcome === "allow", checks },
    reviewWithinSeconds: policy.breakGlass.reviewWithinSeconds,
    scopes: policy.scopes
      .filter((rule) => rule.group !== "base")
      .map((rule) => ({
        ...{ scope: rule.scope, title: rule.title, risk: rule.risk },
        secondsMax: breakGlassSeconds(policy.breakGlass, rule),
      })),
  };
}
