import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import type { Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { clocks } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import { type Actor, actorRecord } from "../kernel/actor.ts";
import { ConflictError, InvalidInputError } from "../kernel/errors.ts";
import { sha256Label } from "../kernel/hash.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { appendFact } from "./append-fact.ts";
import { receiptInput } from "./schema.ts";
import { agentNamed, type ClockRow, clockById, emailsOf, incidentById } from "./store.ts";

/** What stopped a clock: kept beside it, its evidence under a digest that the audit record has too. */
export type Receipt = {
  reference: string;
  evidence: string;
  evidenceDigest: string;
  recordedBy: string;
  recordedAt: string;
  late: boolean;
};

/**
 * Records that the agency has received the notice, which alone stops a clock, in the caller's transaction. A
 * late notice is recorded as late; it is never refused.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `in_the_future`.
 * @throws ConflictError `clock_not_running`, naming who was first.
 */
export async function recordReceipt(
  tx: Tx,
  recording: { actor: Actor; now: Date; input: z.input<typeof receiptInput> },
): Promise<{ late: boolean; clock: ClockRow; number: number; drill: boolean }> {
  requirePermission(recording.actor, "incidents.recordReceipt");
  const { actor, now } = recording;
  const { clockId, reference, evidence, ...input } = receiptInput.parse(recording.input);
  const receivedAt = new Date(input.receivedAt);
  if (receivedAt > now) throw new InvalidInputError("in_the_future", "A receipt cannot lie in the future.");
  const before = await clockById(tx, clockId);
  const late = receivedAt > before.dueAt;
  const evidenceDigest = sha256Label(evidence);
  const recordedBy = actorRecord(actor).id;
  const receipt: Receipt = {
    reference,
    evidence,
    evidenceDigest,
    recordedBy,
    recordedAt: now.toISOString(),
    late,
  };
  const [clock] = await tx
    .update(clocks)
    .set({ status: "received", receivedAt, receipt })
    .where(and(eq(clocks.id, clockId), eq(clocks.status, "running")))
    .returning();
  if (!clock) throw await notRunning(tx, clockId);

  const incident = await incidentById(tx, clock.incidentId);
  await appendFact(tx, {
    incidentId: incident.id,
    kind: "notified",
    at: receivedAt,
    summary: `Received by ${clock.recipient} (${reference})${late ? ", late" : ""}`,
    detail: { clockId, reference, evidenceDigest, late },
    actor,
    now,
  });
  await appendRecord(tx, {
    kind: "clock.received",
    actor,
    now,
    agent: await agentNamed(tx, incident.agentId),
    details: { ...recordOf(clock), receivedAt, late, reference, evidenceDigest, number: incident.number },
    subjects: [incident.id, clockId],
  });
  await notify(tx, "clock", clockId);
  await notify(tx, "incident", incident.id);
  return { late, clock, number: incident.number, drill: incident.drill };
}

function recordOf({ id: clockId, incidentId, regime, recipient, dueAt }: ClockRow) {
  return { clockId, incidentId, regime, recipient, dueAt };
}

async function notRunning(tx: Tx, clockId: string): Promise<ConflictError> {
  const clock = await clockById(tx, clockId);
  if (clock.status === "superseded")
    return new ConflictError("clock_not_running", "This clock was withdrawn by a later determination.");
  const by = (clock.receipt as Receipt | null)?.recordedBy ?? null;
  const name = by && ((await emailsOf(tx, [by])).get(by) ?? by);
  return new ConflictError("clock_not_running", `${name} has recorded the receipt already.`, { by: name });
}
