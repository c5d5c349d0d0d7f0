import { notify } from "../../../db/listen.ts";
import { maintenanceWindows } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import {
  MAINTENANCE_AHEAD_MS_MAX,
  type PlanMaintenanceInput,
  planMaintenanceInput,
} from "./learning-schema.ts";
import { maintenanceDigest } from "./maintenance-store.ts";
import { requirePerson } from "./second-person.ts";
import { findAgent } from "./store.ts";

/**
 * Plans maintenance: a time of at most a day in which these agents are limited, and not contained, for these causes. It
 * counts for nothing until somebody else has approved it. Plans may overlap.
 *
 * @throws ForbiddenError `not_permitted`, `not_a_person`. @throws NotFoundError `agent_unknown`.
 * @throws InvalidInputError `maintenance_past`, `maintenance_far`.
 */
export async function planMaintenance(
  ctx: VerbContext,
  input: PlanMaintenanceInput,
): Promise<{ id: string; digest: string }> {
  requirePermission(ctx.actor, "maintenance.plan");
  const { agents: named, causes, startsAt, endsAt, reason } = planMaintenanceInput.parse(input);
  const { db, now } = ctx;
  const actor = requirePerson(ctx.actor);
  if (endsAt <= now) throw new InvalidInputError("maintenance_past", "Maintenance must end after now.");
  if (startsAt.getTime() - now.getTime() > MAINTENANCE_AHEAD_MS_MAX)
    throw new InvalidInputError("maintenance_far", "Maintenance begins within 60 days.");
  const found: Awaited<ReturnType<typeof findAgent>>[] = [];
  for (const one of new Set(named)) found.push(await findAgent(db, one));
  const terms = {
    agentIds: [...new Set(found.map(({ id }) => id))].sort(),
    causes: [...new Set(causes)].sort(),
    ...{ startsAt, endsAt },
  };
  const digest = maintenanceDigest(terms);
  const id = uuidv7(now.getTime());
  await db.transaction(async (tx) => {
    await tx
      .insert(maintenanceWindows)
      .values({ id, ...terms, reason, digest, proposedBy: actor.id, proposedAt: now });
    await appendRecord(tx, {
      kind: "maintenance.planned",
      ...{ actor, now },
      details: {
        ...{ maintenance: id, agents: found.map(({ name }) => name), causes: terms.causes, reason, digest },
        ...{ from: startsAt.toISOString(), to: endsAt.toISOString() },
      },
      subjects: [`maintenance:${id}`],
    });
    await notify(tx, "maintenance", id);
  });
  return { id, digest };
}
