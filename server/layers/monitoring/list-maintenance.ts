import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { MaintenanceView } from "./learning-schema.ts";
import { agentNames, maintenanceRows, ownersOfAll, stateOfMaintenance } from "./maintenance-store.ts";
import type { FeatureKey } from "./schema.ts";
import { mayDecide, peopleByIds } from "./second-person.ts";

/**
 * Maintenance that was ever planned, the latest start first, each with why the viewer may or may not decide it.
 *
 * @throws ForbiddenError `not_permitted`.
 */
export async function listMaintenance(ctx: VerbContext): Promise<MaintenanceView[]> {
  requirePermission(ctx.actor, "alerts.read");
  const { db, actor, now } = ctx;
  const rows = await maintenanceRows(db);
  const names = await agentNames(
    db,
    rows.flatMap(({ agentIds }) => agentIds),
  );
  const waiting = rows.filter((row) => stateOfMaintenance(row, now) === "pending");
  const owners = new Map<string, string[]>();
  for (const { id, agentIds } of waiting) owners.set(id, await ownersOfAll(db, agentIds));
  const people = await peopleByIds(db, [
    ...(actor.type === "operator" ? [actor.id] : []),
    ...[...owners.values()].flat(),
    ...rows.flatMap((row) => [row.proposedBy, row.decidedBy, row.cancelledBy].filter((id) => id !== null)),
  ]);
  const nameOf = (id: string | null) => (id === null ? null : (people.get(id)?.name ?? id));
  return rows.map((row) => ({
    ...{ id: row.id, state: stateOfMaintenance(row, now), causes: row.causes as FeatureKey[] },
    agents: row.agentIds.map((id) => names.get(id) ?? id).sort(),
    ...{ startsAt: row.startsAt, endsAt: row.endsAt, reason: row.reason, digest: row.digest },
    ...{ plannedBy: nameOf(row.proposedBy) ?? "", plannedAt: row.proposedAt },
    ...{ decidedBy: nameOf(row.decidedBy), decidedAt: row.decidedAt, decisionReason: row.decisionReason },
    ...{ cancelledAt: row.cancelledAt, cancelledBy: nameOf(row.cancelledBy) },
    mayDecide: mayDecide({
      asked: { status: row.status, openUntil: row.endsAt, digest: row.digest },
      ...{ proposedBy: row.proposedBy, ownerIds: owners.get(row.id) ?? [], people, actor, now },
      permission: "maintenance.decide",
    }),
  }));
}
