import { inArray, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { agentsAbove } from "../../db/family.ts";
import { agents, containmentSteps, incidents, snapshots } from "../../db/schema/index.ts";
import { permits } from "../access/permissions.ts";
import type { Actor } from "../kernel/actor.ts";
import { present } from "../kernel/ensure.ts";
import { decideRelease } from "./engine/decide-release.ts";
import { personOf, personOrNull } from "./person-of.ts";
import { releasePeople } from "./release-people.ts";
import { CONTAINMENT_STEPS } from "./schema.ts";
import { type ContainmentRow, emailsOf, type StepRow } from "./store.ts";
import type { ContainmentView } from "./views.ts";

const PENDING = "Not yet: it is taken, or waited for, at this moment.";

/** Containments with their steps and evidence, and what this person may do about their release. */
export async function viewContainments(
  db: Database,
  rows: ContainmentRow[],
  actor: Actor,
): Promise<ContainmentView[]> {
  if (rows.length === 0) return [];
  const [named, numbered, steps, taken, emails] = await loadAround(db, rows);
  const above = await ownersAbove(db, rows);
  const releasePersonOf = await releasePeople(db, [
    actor.type === "operator" ? actor.id : null,
    ...rows.map((row) => row.releaseRequestedBy),
    ...named.map(({ ownerId }) => ownerId),
    ...[...above.values()].flat(),
  ]);
  return rows.map((row) => {
    const { ownerId, ...agent } = present(
      named.find(({ id }) => id === row.agentId),
      "the agent of a containment",
    );
    const snapshot = taken.find(({ containmentId }) => containmentId === row.id);
    return {
      id: row.id,
      agent,
      incident: numbered.find(({ id }) => id === row.incidentId) ?? null,
      alertId: row.alertId,
      reason: row.reason,
      status: row.status as ContainmentView["status"],
      requestedBy: personOf(row.requestedBy, emails),
      requestedAt: row.requestedAt,
      steps: viewSteps(steps.filter(({ containmentId }) => containmentId === row.id)),
      snapshot: snapshot ? { id: snapshot.id, digest: snapshot.digest, takenAt: snapshot.takenAt } : null,
      release: row.releaseRequestedBy
        ? { requestedBy: personOf(row.releaseRequestedBy, emails), reason: row.releaseReason ?? "" }
        : null,
      releasedBy: personOrNull(row.releasedBy, emails),
      releasedAt: row.releasedAt,
      canRequestRelease: mayRequest(row, actor),
      canRelease: mayRelease(row, { ownerId, above: above.get(row.agentId) ?? [] }, actor, releasePersonOf),
    };
  });
}

/** Agents, incidents, steps, evidence and people of these containments. */
async function loadAround(db: Database, rows: ContainmentRow[]) {
  const ids = rows.map(({ id }) => id);
  const incidentIds = rows.flatMap(({ incidentId }) => incidentId ?? []);
  return Promise.all([
    db
      .select({ id: agents.id, name: agents.name, did: agents.did, ownerId: agents.ownerId })
      .from(agents)
      .where(
        inArray(
          agents.id,
          rows.map(({ agentId }) => agentId),
        ),
      ),
    db
      .select({ id: incidents.id, number: incidents.number })
      .from(incidents)
      .where(incidentIds.length ? inArray(incidents.id, incidentIds) : sql`false`),
    db.select().from(containmentSteps).where(inArray(containmentSteps.containmentId, ids)),
    db
      .select({
        id: snapshots.id,
        containmentId: snapshots.containmentId,
        digest: snapshots.digest,
        takenAt: snapshots.takenAt,
      })
      .from(snapshots)
      .where(inArray(snapshots.containmentId, ids)),
    emailsOf(
      db,
      rows.flatMap((row) => [row.requestedBy, row.releaseRequestedBy, row.releasedBy]),
    ),
  ]);
}

function viewSteps(rows: StepRow[]): ContainmentView["steps"] {
  return CONTAINMENT_STEPS.map((step) => {
    const row = rows.find((taken) => taken.step === step);
    if (!row)
      return {
        step,
        status: "pending",
        detail: PENDING,
        startedAt: null,
        finishedAt: null,
        durationMs: null,
      };
    const { detail, startedAt, finishedAt } = row;
    const durationMs = finishedAt && Math.max(0, finishedAt.getTime() - startedAt.getTime());
    return {
      step,
      status: row.status as "done" | "confirmed" | "failed",
      detail,
      startedAt,
      finishedAt,
      durationMs,
    };
  });
}

function mayRequest(row: ContainmentRow, actor: Actor): ContainmentView["canRequestRelease"] {
  if (row.status === "released") return { allowed: false, reason: "The agent was released already." };
  if (row.releaseRequestedBy) return { allowed: false, reason: "The release has been asked for already." };
  if (actor.type !== "operator" || !permits(actor.roles, "agents.contain"))
    return { allowed: false, reason: "Analysts ask for a release." };
  return { allowed: true, reason: null };
}

/** Accounts that own one above the agent, where its release waits for a second person. */
async function ownersAbove(db: Database, rows: readonly ContainmentRow[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const { agentId, status, releaseRequestedBy } of rows)
    if (status !== "released" && releaseRequestedBy !== null && !found.has(agentId))
      found.set(
        agentId,
        (await agentsAbove(db, agentId)).flatMap(({ ownerId }) => ownerId ?? []),
      );
  return found;
}

function mayRelease(
  row: ContainmentRow,
  { ownerId, above }: { ownerId: string | null; above: readonly string[] },
  actor: Actor,
  personOf: Awaited<ReturnType<typeof releasePeople>>,
): ContainmentView["canRelease"] {
  if (actor.type !== "operator" || !permits(actor.roles, "agents.release"))
    return { allowed: false, reason: "Approvers confirm a release." };
  const decision = decideRelease({
    status: row.status,
    requester: personOf(row.releaseRequestedBy),
    owner: personOf(ownerId),
    above: above.map((id) => personOf(id)),
    person: personOf(actor.id),
  });
  const broken = decision.checks.find((check) => !check.passed);
  return { allowed: !broken, reason: broken?.detail ?? null };
}
