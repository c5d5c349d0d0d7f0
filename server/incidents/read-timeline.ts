import { and, asc, eq, gte, lte } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import {
  alerts,
  approvals,
  approvalVotes,
  containmentSteps,
  containments,
  incidentFacts,
} from "../../db/schema/index.ts";
import { mergeTimeline } from "./engine/timeline.ts";
import { personOf } from "./person-of.ts";
import { emailsOf, type IncidentRow, type StepRow } from "./store.ts";
import type { TimelineEntry } from "./views.ts";

const FACTS_MAX = 500;
const ALERTS_MAX = 200;
const VOTES_MAX = 100;
/** What was decided about the agent shortly before belongs to the story. */
const BEFORE_MS = 24 * 3_600_000;

export type FactRow = typeof incidentFacts.$inferSelect;
export type AlertRow = typeof alerts.$inferSelect;

/** Everything known of an incident's course, in order, with the rows it was made from. */
export async function readTimeline(
  db: Database,
  incident: IncidentRow,
): Promise<{ entries: TimelineEntry[]; facts: FactRow[]; alerts: AlertRow[]; truncated: boolean }> {
  const [facts, raised, steps, votes] = await Promise.all([
    db
      .select()
      .from(incidentFacts)
      .where(eq(incidentFacts.incidentId, incident.id))
      .orderBy(asc(incidentFacts.at), asc(incidentFacts.id))
      .limit(FACTS_MAX + 1),
    db
      .select()
      .from(alerts)
      .where(eq(alerts.incidentId, incident.id))
      .orderBy(asc(alerts.openedAt), asc(alerts.id))
      .limit(ALERTS_MAX + 1),
    db
      .select({ step: containmentSteps })
      .from(containmentSteps)
      .innerJoin(containments, eq(containments.id, containmentSteps.containmentId))
      .where(eq(containments.incidentId, incident.id)),
    votesOf(db, incident),
  ]);
  const superseded = new Set(facts.flatMap(({ supersedes }) => supersedes ?? []));
  const emails = await emailsOf(db, [
    ...facts.map(({ actor }) => actor),
    ...votes.map(({ vote }) => vote.userId),
  ]);
  const entries = mergeTimeline([
    facts.slice(0, FACTS_MAX).map((fact) => factEntry(fact, superseded, emails)),
    raised.slice(0, ALERTS_MAX).map(alertEntry),
    steps.map(({ step }) => stepEntry(step)),
    votes.map((vote) => voteEntry(vote, emails)),
  ]);
  const truncated = facts.length > FACTS_MAX || raised.length > ALERTS_MAX || votes.length >= VOTES_MAX;
  return { entries, facts: facts.slice(0, FACTS_MAX), alerts: raised.slice(0, ALERTS_MAX), truncated };
}

type Emails = Map<string, string>;

function factEntry(fact: FactRow, superseded: Set<string>, emails: Emails): TimelineEntry {
  const { id, kind, at, recordedAt, summary } = fact;
  const actor = personOf(fact.actor, emails);
  return {
    at,
    recordedAt,
    source: "fact",
    kind,
    title: summary,
    actor,
    refId: id,
    superseded: superseded.has(id),
  };
}

function alertEntry({ id, number, openedAt, title, severity }: AlertRow): TimelineEntry {
  return {
    ...instants(openedAt),
    source: "alert",
    kind: severity,
    title: `Alert ${number}: ${title}`,
    refId: id,
  };
}

function stepEntry(step: StepRow): TimelineEntry {
  return {
    ...instants(step.finishedAt ?? step.startedAt),
    source: "step",
    kind: `${step.step}:${step.status}`,
    title: step.detail,
    refId: `${step.containmentId}:${step.step}`,
  };
}

function voteEntry(
  { vote, scope }: Awaited<ReturnType<typeof votesOf>>[number],
  emails: Emails,
): TimelineEntry {
  return {
    ...instants(vote.votedAt),
    source: "vote",
    kind: vote.vote,
    title: `${scope}: ${vote.reason}`,
    actor: personOf(vote.userId, emails),
    refId: `${vote.approvalId}:${vote.userId}`,
  };
}

const instants = (at: Date) => ({ at, recordedAt: at, actor: null, superseded: false });

async function votesOf(db: Database, incident: IncidentRow) {
  if (!incident.agentId) return [];
  const from = new Date(incident.openedAt.getTime() - BEFORE_MS);
  return db
    .select({ vote: approvalVotes, scope: approvals.scope })
    .from(approvalVotes)
    .innerJoin(approvals, eq(approvals.id, approvalVotes.approvalId))
    .where(
      and(
        eq(approvals.agentId, incident.agentId),
        gte(approvalVotes.votedAt, from),
        incident.closedAt ? lte(approvalVotes.votedAt, incident.closedAt) : undefined,
      ),
    )
    .orderBy(asc(approvalVotes.votedAt))
    .limit(VOTES_MAX);
}
