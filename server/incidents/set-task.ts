import { and, eq, isNotNull, isNull, type SQL } from "drizzle-orm";
import type { z } from "zod";
import type { Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { incidentTasks } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { actorRecord } from "../kernel/actor.ts";
import { ConflictError, NotFoundError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { taskInput } from "./schema.ts";
import { agentNamed, emailsOf, incidentById, requirePerson } from "./store.ts";

/**
 * Marks a task of the playbook as done or not done, or gives it to somebody.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `task_unknown`.
 * @throws ConflictError `task_changed`, naming who was first.
 */
export async function setTask(ctx: VerbContext, input: z.input<typeof taskInput>): Promise<void> {
  requirePermission(ctx.actor, "incidents.work");
  const { taskId, done, ownerId, expectedOwnerId } = taskInput.parse(input);
  const { actor, now } = ctx;
  await ctx.db.transaction(async (tx) => {
    if (ownerId) await requirePerson(tx, ownerId);
    const conditions: (SQL | undefined)[] = [eq(incidentTasks.id, taskId)];
    if (done !== undefined)
      conditions.push(done ? isNull(incidentTasks.doneAt) : isNotNull(incidentTasks.doneAt));
    if (expectedOwnerId !== undefined)
      conditions.push(
        expectedOwnerId === null ? isNull(incidentTasks.ownerId) : eq(incidentTasks.ownerId, expectedOwnerId),
      );
    const [task] = await tx
      .update(incidentTasks)
      .set({
        ...(ownerId === undefined ? {} : { ownerId }),
        ...(done === undefined
          ? {}
          : { doneAt: done ? now : null, doneBy: done ? actorRecord(actor).id : null }),
      })
      .where(and(...conditions))
      .returning();
    if (!task) throw await conflict(tx, taskId);
    const incident = await incidentById(tx, task.incidentId);
    await appendRecord(tx, {
      kind: "incident.task-changed",
      actor,
      now,
      agent: await agentNamed(tx, incident.agentId),
      details: { incidentId: incident.id, number: incident.number, task: task.title, taskId, done, ownerId },
      subjects: [incident.id],
    });
    await notify(tx, "incident", incident.id);
  });
}

async function conflict(tx: Tx, taskId: string): Promise<ConflictError | NotFoundError> {
  const [task] = await tx.select().from(incidentTasks).where(eq(incidentTasks.id, taskId));
  if (!task) return new NotFoundError("task_unknown", "There is no such task.", { task: taskId });
  const names = await emailsOf(tx, [task.doneBy, task.ownerId]);
  const doneBy = task.doneBy && (names.get(task.doneBy) ?? task.doneBy);
  const owner = task.ownerId && (names.get(task.ownerId) ?? task.ownerId);
  return new ConflictError(
    "task_changed",
    task.doneAt
      ? `${doneBy} marked this task as done first.`
      : owner
        ? `The task belongs to ${owner} now.`
        : "Somebody changed this task first. Look again.",
    { doneBy, owner },
  );
}
