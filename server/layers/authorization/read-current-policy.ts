import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { currentPolicy } from "./current-policy.ts";
import { versionView } from "./list-policy-versions.ts";
import type { CurrentPolicyView } from "./proposal-schema.ts";
import { holdersByScope, versionRow } from "./proposal-store.ts";
import { usersByIds } from "./store.ts";

/**
 * The policy that counts now, with how many agents hold each scope live and the names of the people it names.
 *
 * @throws ForbiddenError `not_permitted`. @throws UnavailableError `policy_missing`.
 */
export async function readCurrentPolicy(ctx: VerbContext): Promise<CurrentPolicyView> {
  requirePermission(ctx.actor, "approvals.read");
  const policy = await currentPolicy(ctx.db);
  const row = await versionRow(ctx.db, policy.version);
  const named = [...policy.breakGlass.people, ...policy.approverGroups.flatMap(({ members }) => members)];
  const users = await usersByIds(ctx.db, [
    ...named,
    row.createdBy,
    ...(row.approvedBy ? [row.approvedBy] : []),
  ]);
  return {
    ...versionView(row, users),
    document: policy,
    holders: await holdersByScope(ctx.db, ctx.now),
    people: Object.fromEntries(
      named.flatMap((id) => (users.has(id) ? [[id, users.get(id)?.name ?? id]] : [])),
    ),
  };
}
