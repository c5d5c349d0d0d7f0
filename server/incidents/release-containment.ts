import { and, eq, ne } from "drizzle-orm";
import type { Tx } from "../../db/client.ts";
import { agentsAbove } from "../../db/family.ts";
import { notify } from "../../db/listen.ts";
import { containments } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import { type Actor, actorRecord } from "../kernel/actor.ts";
import { ConflictError, ForbiddenError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { appendFact } from "./append-fact.ts";
import { decideRelease } from "./engine/decide-release.ts";
import { releasePeople } from "./release-people.ts";
import { stepUpMethod } from "./schema.ts";
import { type AgentName, type ContainmentRow, containmentById, lockAgent } from "./store.ts";

/**
 * Marks a containment as released by a second person, in the caller's transaction, which also opens the
 * agent again. No role and no duty is exempt, and roles count as the database has them now.
 *
 * @throws ForbiddenError `not_permitted`, `person_required`, `second_person_required`.
 * @throws ConflictError `already_released`, `release_not_requested`.
 */
export async function releaseContainment(
  tx: Tx,
  release: { containmentId: string; stepUp: string; actor: Actor; now: Date },
): Promise<{ containment: ContainmentRow; agent: AgentName }> {
  const { actor, now } = release;
  requirePermission(actor, "agents.release");
  if (actor.type !== "operator" || !actor.sessionId)
    throw new ForbiddenError("person_required", "Only a person who is signed in releases an agent.");
  const stepUp = stepUpMethod.parse(release.stepUp);
  const releasedBy = actorRecord(actor).id;
  const { agentId } = await containmentById(tx, release.containmentId);
  const agent = await lockAgent(tx, agentId);
  const containment = await containmentById(tx, release.containmentId, true);
  const { releaseRequestedBy: requestedBy, releaseReason: reason, status } = containment;
  const above = (await agentsAbove(tx, agentId)).flatMap(({ ownerId }) => ownerId ?? []);
  const personOf = await releasePeople(tx, [requestedBy, agent.ownerId, releasedBy, ...above], true);
  const decision = decideRelease({
    status,
    requester: personOf(requestedBy),
    owner: personOf(agent.ownerId),
    above: above.map((id) => personOf(id)),
    person: personOf(releasedBy),
  });
  const broken = decision.checks.find((check) => !check.passed);
  if (broken) throw refusal(broken.id, broken.detail);
  await tx
    .update(containments)
    .set({ status: "released", releasedBy, releasedAt: now })
    .where(and(eq(containments.id, containment.id), ne(containments.status, "released")));
  if (containment.incidentId)
    await appendFact(tx, {
      incidentId: containment.incidentId,
      kind: "recovered",
      at: now,
      summary: `${agent.name} was released: ${reason}`,
      detail: { containmentId: containment.id, requestedBy, releasedBy },
      actor,
      now,
    });
  await appendRecord(tx, {
    kind: "agent.released",
    actor,
    now,
    agent,
    outcome: "allow",
    checks: decision.checks,
    details: {
      containmentId: containment.id,
      incidentId: containment.incidentId,
      requestedBy,
      reason,
      stepUp,
    },
    subjects: [containment.id],
  });
  await notify(tx, "containment", containment.id);
  return { containment, agent };
}

function refusal(check: string, detail: string): Error {
  if (check === "still-contained") return new ConflictError("already_released", detail);
  if (check === "requested") return new ConflictError("release_not_requested", detail);
  return new ForbiddenError("second_person_required", detail, { check });
}
