import { agentsAbove } from "../../../db/family.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { Actor } from "../../kernel/actor.ts";
import { mayApproveOverride } from "./engine/decide-override.ts";
import { type OverrideRow, overrideFacts, overridesOf } from "./override-store.ts";
import { ownersOf } from "./person-now.ts";
import { type AgentRow, agentByReference, type UserRow, usersByIds } from "./store.ts";
import {
  type OverrideState,
  type OverrideView,
  overrideState,
  type TrustOfInput,
  trustOfInput,
} from "./trust-schema.ts";

/**
 * An agent's overrides of trust, newest first, each with why the viewer may or may not decide it.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 */
export async function listTrustOverrides(ctx: VerbContext, input: TrustOfInput): Promise<OverrideView[]> {
  requirePermission(ctx.actor, "agents.read");
  const agent = await agentByReference(ctx.db, trustOfInput.parse(input).name);
  const rows = await overridesOf(ctx.db, agent.id);
  const ids = rows.flatMap((row) => [row.requestedBy, ...(row.decidedBy ? [row.decidedBy] : [])]);
  const ownerIds = ownersOf([agent, ...(agent.parentId ? await agentsAbove(ctx.db, agent.id) : [])]);
  const users = await usersByIds(ctx.db, [...ids, ctx.actor.id, ...ownerIds]);
  return rows.map((row) => viewOf(row, { agent, ownerIds }, users, ctx));
}

function viewOf(
  row: OverrideRow,
  of: { agent: AgentRow; ownerIds: readonly string[] },
  users: ReadonlyMap<string, UserRow>,
  { actor, now }: Pick<VerbContext, "actor" | "now">,
): OverrideView {
  const nameOf = (id: string) => users.get(id)?.name ?? id;
  return {
    ...row,
    state: stateOf(row, now),
    requesterName: nameOf(row.requestedBy),
    deciderName: row.decidedBy === null ? null : nameOf(row.decidedBy),
    mayDecide: mayDecide(row, of, users, actor, now),
  };
}

function stateOf({ status, openUntil, endsAt }: OverrideRow, now: Date): OverrideState {
  if (status === "approved") return endsAt !== null && endsAt > now ? "counting" : "ended";
  if (status === "pending") return openUntil > now ? "pending" : "expired";
  return overrideState.parse(status);
}

function mayDecide(
  row: OverrideRow,
  of: { agent: AgentRow; ownerIds: readonly string[] },
  users: ReadonlyMap<string, UserRow>,
  actor: Actor,
  now: Date,
): OverrideView["mayDecide"] {
  if (actor.type !== "operator")
    return { allowed: false, checks: [{ id: "in-person", passed: false, detail: "Only people decide." }] };
  const { outcome, checks } = mayApproveOverride(overrideFacts({ row, ...of, users, actor, now }));
  return { allowed: outcome === "allow", checks };
}
