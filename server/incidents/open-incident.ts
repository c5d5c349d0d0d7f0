import type { Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { incidents, incidentTasks } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import type { Actor } from "../kernel/actor.ts";
import { present } from "../kernel/ensure.ts";
import { uuidv7 } from "../kernel/ids.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { appendFact } from "./append-fact.ts";
import { PLAYBOOK } from "./engine/playbook.ts";
import { linkAlert } from "./link-alert.ts";
import type { FactKind, Severity } from "./schema.ts";
import { agentNamed } from "./store.ts";

type OpeningFact = {
  kind: Extract<FactKind, "occurred" | "detected" | "contained">;
  at: Date;
  summary: string;
};

type Opening = {
  title: string;
  severity: Severity;
  agentId: string | null;
  alertId: string | null;
  drill: boolean;
  leadId: string | null;
  facts: OpeningFact[];
  actor: Actor;
  now: Date;
};

/**
 * Opens an incident with what is known so far and a copy of the playbook, in the caller's transaction. It
 * starts no clock: only a person's determination does.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 */
export async function openIncident(
  tx: Tx,
  opening: Opening,
): Promise<{ incidentId: string; number: number }> {
  const { actor, now } = opening;
  requirePermission(actor, "incidents.work");
  const agent = await agentNamed(tx, opening.agentId);
  const incidentId = uuidv7(now.getTime());
  const [row] = await tx
    .insert(incidents)
    .values({
      id: incidentId,
      title: opening.title,
      severity: opening.severity,
      agentId: opening.agentId,
      drill: opening.drill,
      leadId: opening.leadId,
      openedAt: now,
    })
    .returning({ number: incidents.number });
  const { number } = present(row, "the new incident");
  await tx.insert(incidentTasks).values(playbookTasks(incidentId, now));
  for (const fact of opening.facts) await appendFact(tx, { incidentId, ...fact, actor, now });
  if (opening.alertId) await linkAlert(tx, opening.alertId, { incidentId, number, actor, now });
  await appendRecord(tx, {
    kind: "incident.opened",
    actor,
    now,
    agent,
    details: {
      incidentId,
      number,
      title: opening.title,
      severity: opening.severity,
      drill: opening.drill,
      alertId: opening.alertId,
      facts: opening.facts,
    },
    subjects: [incidentId],
  });
  await notify(tx, "incident", incidentId);
  return { incidentId, number };
}

function playbookTasks(incidentId: string, now: Date) {
  return PLAYBOOK.flatMap(({ phase, tasks }) => tasks.map((title) => ({ phase, title }))).map(
    (task, position) => ({
      id: uuidv7(now.getTime()),
      incidentId,
      position,
      ...task,
    }),
  );
}
