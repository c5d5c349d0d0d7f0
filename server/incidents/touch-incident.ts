import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { incidents } from "../../db/schema/index.ts";
import { ConflictError } from "../kernel/errors.ts";
import { type IncidentRow, incidentById } from "./store.ts";

/**
 * Changes an incident that is still at the version the caller saw, and counts the version on. The row stays
 * locked until the transaction ends.
 *
 * @throws ConflictError `incident_changed` where somebody was first, `incident_closed` where it is closed.
 * @throws NotFoundError `incident_unknown`.
 */
export async function touchIncident(
  tx: Tx,
  incidentId: string,
  expectedVersion: number,
  change: Partial<Pick<IncidentRow, "title" | "severity" | "status" | "leadId" | "closedAt">>,
  from: "open" | "closed" = "open",
): Promise<IncidentRow> {
  const [row] = await tx
    .update(incidents)
    .set({ ...change, version: sql`${incidents.version} + 1` })
    .where(
      and(eq(incidents.id, incidentId), eq(incidents.version, expectedVersion), eq(incidents.status, from)),
    )
    .returning();
  if (!row) await explain(tx, incidentId, expectedVersion, from);
  await notify(tx, "incident", incidentId);
  return row as IncidentRow;
}

async function explain(tx: Tx, incidentId: string, expectedVersion: number, from: string): Promise<never> {
  const { version, status } = await incidentById(tx, incidentId);
  if (version !== expectedVersion)
    throw new ConflictError(
      "incident_changed",
      "Somebody changed this incident since you read it. Look at it again.",
      { expectedVersion, version },
    );
  throw new ConflictError(
    from === "open" ? "incident_closed" : "incident_open",
    from === "open" ? "The incident is closed; open it again first." : "The incident is open already.",
    { status },
  );
}
