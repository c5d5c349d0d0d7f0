import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import type { Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { clocks, determinations } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import { type Actor, actorRecord } from "../kernel/actor.ts";
import type { Check } from "../kernel/decision.ts";
import { ForbiddenError, InvalidInputError } from "../kernel/errors.ts";
import { uuidv7 } from "../kernel/ids.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { appendFact } from "./append-fact.ts";
import { checkWorksheet } from "./engine/advise-determination.ts";
import { type DeterminationStatement, determinationDigest } from "./engine/determination-digest.ts";
import { determineInput, stepUpMethod } from "./schema.ts";
import { startClock } from "./start-clock.ts";
import { agentNamed, type IncidentRow, latestDetermination } from "./store.ts";
import { touchIncident } from "./touch-incident.ts";

export type Determination = {
  determinationId: string;
  digest: string;
  version: number;
  clock: { clockId: string; dueAt: Date; isNew: boolean } | null;
  superseded: number;
  incident: IncidentRow;
};

/**
 * A person's signed decision whether an incident must be notified, in the caller's transaction. "Notifiable"
 * starts the 36-hour clock at the instant of the decision; "not notifiable" stops no clock unless it says so,
 * and either may be superseded later. Vigil's duties never determine.
 *
 * @param stepUp how the person proved a second factor a moment ago.
 * @throws ForbiddenError `not_permitted`, `person_required`. @throws ConflictError `incident_changed`, `incident_closed`.
 * @throws InvalidInputError `worksheet_contradicts`, `in_the_future`.
 */
export async function determineIncident(
  tx: Tx,
  deciding: { actor: Actor; now: Date; stepUp: string; input: z.input<typeof determineInput> },
): Promise<Determination> {
  requirePermission(deciding.actor, "incidents.determine");
  const { actor, now } = deciding;
  if (actor.type !== "operator" || !actor.sessionId)
    throw new ForbiddenError(
      "person_required",
      "Only a person who is signed in determines; no program does.",
    );
  const stepUp = stepUpMethod.parse(deciding.stepUp);
  const input = determineInput.parse(deciding.input);
  const checks = requireSound(input);
  const determinedAt = input.madeAt ? new Date(input.madeAt) : now;
  if (determinedAt > now)
    throw new InvalidInputError("in_the_future", "A decision cannot lie in the future.");

  const { incidentId, outcome, worksheet, reason } = input;
  const incident = await touchIncident(tx, incidentId, input.expectedVersion, {});
  const supersedes = (await latestDetermination(tx, incidentId))?.id ?? null;
  const determinedBy = actorRecord(actor).id;
  const statement = {
    incidentId,
    outcome,
    worksheet,
    reason,
    determinedBy,
    determinedAt,
    stepUp,
    supersedes,
  };
  const digest = determinationDigest(statement);
  const determinationId = uuidv7(now.getTime());
  await tx.insert(determinations).values({ id: determinationId, ...statement });
  const clock =
    outcome === "notifiable"
      ? await startClock(tx, { incidentId, anchorAt: determinedAt, anchoredBy: determinedBy, now })
      : null;
  const superseded =
    outcome === "not-notifiable" && input.supersedeClocks ? await supersedeClocks(tx, incidentId) : 0;

  await writeDown(tx, {
    actor,
    now,
    checks,
    incident,
    statement,
    determinationId,
    digest,
    clock,
    superseded,
  });
  return { determinationId, digest, version: incident.version, clock, superseded, incident };
}

/** The determination as a fact of the incident's history and as an audit record that holds its digest. */
async function writeDown(
  tx: Tx,
  made: Omit<Determination, "version"> & {
    actor: Actor;
    now: Date;
    checks: Check[];
    statement: DeterminationStatement;
  },
): Promise<void> {
  const { actor, now, incident, statement, determinationId, digest, clock } = made;
  const { incidentId, outcome, reason, determinedAt } = statement;
  await appendFact(tx, {
    incidentId,
    kind: "determined",
    at: determinedAt,
    summary: `${outcome === "notifiable" ? "Notifiable" : "Not notifiable"}: ${reason}`,
    detail: { determinationId, outcome, digest, clockId: clock?.clockId ?? null },
    actor,
    now,
  });
  await appendRecord(tx, {
    kind: "incident.determined",
    actor,
    now,
    agent: await agentNamed(tx, incident.agentId),
    checks: made.checks,
    details: {
      determinationId,
      number: incident.number,
      drill: incident.drill,
      digest,
      ...statement,
      clockId: clock?.clockId ?? null,
      clockIsNew: clock?.isNew ?? null,
      dueAt: clock?.dueAt ?? null,
      clocksSuperseded: made.superseded,
    },
    subjects: [incidentId, determinationId],
  });
}

function requireSound(input: z.output<typeof determineInput>): Check[] {
  const checks = checkWorksheet(input.worksheet, input.outcome);
  const broken = checks.find((check) => check.id === "outcome-follows" && !check.passed);
  if (broken) throw new InvalidInputError("worksheet_contradicts", broken.detail);
  if (input.outcome === "notifiable" && input.supersedeClocks)
    throw new InvalidInputError("worksheet_contradicts", "A notifiable incident's clock is not withdrawn.");
  return checks;
}

/** Withdraws the clocks that run, by the explicit word of the one who determines. */
async function supersedeClocks(tx: Tx, incidentId: string): Promise<number> {
  const withdrawn = await tx
    .update(clocks)
    .set({ status: "superseded" })
    .where(and(eq(clocks.incidentId, incidentId), eq(clocks.status, "running")))
    .returning({ id: clocks.id });
  for (const { id } of withdrawn) await notify(tx, "clock", id);
  return withdrawn.length;
}
