import type { Tx } from "../../../db/client.ts";
import { lockLine } from "../../../db/family.ts";
import { notify } from "../../../db/listen.ts";
import { grants } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import { type Actor, actorRecord } from "../../kernel/actor.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { currentPolicy } from "./current-policy.ts";
import { elders } from "./elders.ts";
import { refuseResourceServer, requireCover } from "./require-cover.ts";
import { agentByReference, liveGrants, lockAgent } from "./store.ts";

/**
 * Gives an agent standing scopes, in the caller's transaction. Only base scopes stand; every other one is
 * asked for and approved for a time. Scopes that already stand are left as they are. A child is given what
 * everybody above it holds, while all of them are in service.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws InvalidInputError `scope_unknown`, `scope_needs_approval`, `resource_server`.
 * @throws ConflictError `parent_not_in_service`, `not_covered_by_parent`.
 */
export async function grantBaseScopes(
  tx: Tx,
  give: { agentId: string; scopes: readonly string[]; actor: Actor; now: Date },
): Promise<{ grantIds: string[] }> {
  requirePermission(give.actor, "agents.register");
  const { agentId, actor, now } = give;
  const policy = await currentPolicy(tx);
  for (const scope of give.scopes) {
    const rule = policy.scopes.find((it) => it.scope === scope);
    if (!rule) throw new InvalidInputError("scope_unknown", `The policy knows no scope ${scope}.`, { scope });
    if (rule.group !== "base")
      throw new InvalidInputError(
        "scope_needs_approval",
        `${scope} is ${rule.group}: it is never standing. Register the agent without it and ask for an approval.`,
        { scope, risk: rule.risk },
      );
  }
  const { parentId } = await agentByReference(tx, agentId);
  const line = parentId ? await lockLine(tx, parentId, "share") : [];
  const agent = await lockAgent(tx, agentId, "update");
  refuseResourceServer(agent);
  requireCover(await elders(tx, line, now), policy, give.scopes, now);
  const standing = await liveGrants(tx, [agentId], now);
  const missing = [...new Set(give.scopes)].filter(
    (scope) => !standing.some((grant) => grant.scope === scope && grant.expiresAt === null),
  );
  if (missing.length === 0) return { grantIds: [] };
  const rows = missing.map((scope) => ({
    id: uuidv7(now.getTime()),
    agentId,
    scope,
    policyVersion: policy.version,
    grantedBy: actorRecord(actor).id,
    grantedAt: now,
  }));
  await tx.insert(grants).values(rows);
  const grantIds = rows.map((row) => row.id);
  await appendRecord(tx, {
    kind: "grant.standing",
    actor,
    now,
    agent: { id: agent.id, did: agent.did },
    outcome: "allow",
    grantIds,
    policyVersion: policy.version,
    details: { scopes: missing },
  });
  await notify(tx, "grant", agentId);
  return { grantIds };
}
