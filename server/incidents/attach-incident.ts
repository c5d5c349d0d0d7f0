import type { Tx } from "../../db/client.ts";
import type { Actor } from "../kernel/actor.ts";
import { present } from "../kernel/ensure.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { appendFact } from "./append-fact.ts";
import { linkAlert } from "./link-alert.ts";
import { openIncident } from "./open-incident.ts";
import {
  type AgentName,
  agentNamed,
  alertById,
  type ContainmentRow,
  type IncidentRow,
  openIncidentOf,
} from "./store.ts";

type Attaching = { containment: ContainmentRow; actor: Actor; now: Date };
type Attached = { incidentId: string; number: number; isNew: boolean };

/**
 * Gives a containment its incident: the agent's open one, or a new one with what is known of when it
 * occurred and was detected. Part of a containment's step, which makes it happen once.
 */
export async function attachIncident(tx: Tx, attaching: Attaching): Promise<Attached> {
  const { agentId, reason, requestedAt } = attaching.containment;
  const agent = present(await agentNamed(tx, agentId), "the contained agent");
  const contained = {
    kind: "contained" as const,
    at: requestedAt,
    summary: `${agent.name} was contained: ${reason}`,
  };
  const open = await openIncidentOf(tx, agentId);
  return open ? join(tx, attaching, open, agent, contained) : openNew(tx, attaching, agent, contained);
}

type Contained = { kind: "contained"; at: Date; summary: string };

async function join(
  tx: Tx,
  { containment, actor, now }: Attaching,
  open: IncidentRow,
  agent: AgentName,
  contained: Contained,
): Promise<Attached> {
  const { id: incidentId, number } = open;
  const containmentId = containment.id;
  await appendFact(tx, { incidentId, ...contained, detail: { containmentId }, actor, now });
  if (containment.alertId) await linkAlert(tx, containment.alertId, { incidentId, number, actor, now });
  await appendRecord(tx, {
    kind: "incident.fact-stated",
    actor,
    now,
    agent,
    details: { incidentId, number, fact: "contained", at: contained.at, containmentId },
    subjects: [incidentId],
  });
  return { incidentId, number, isNew: false };
}

async function openNew(
  tx: Tx,
  { containment, actor, now }: Attaching,
  agent: AgentName,
  contained: Contained,
): Promise<Attached> {
  const { alertId, reason, requestedAt } = containment;
  const alert = alertId ? await alertById(tx, alertId) : null;
  const noticedAt = alert && alert.openedAt < requestedAt ? alert.openedAt : requestedAt;
  const opened = await openIncident(tx, {
    title: `${agent.name} contained: ${headline(reason)}`,
    severity: "high",
    agentId: agent.id,
    alertId,
    drill: false,
    leadId: actor.type === "operator" ? actor.id : null,
    facts: [
      {
        kind: "occurred",
        at: noticedAt,
        summary: "Not established yet: taken to be when it was noticed. Correct it once it is known.",
      },
      {
        kind: "detected",
        at: noticedAt,
        summary: alert
          ? `Noticed by Vigil: ${alert.title}`
          : `Noticed by whoever contained the agent: ${reason}`,
      },
      contained,
    ],
    actor,
    now,
  });
  return { ...opened, isNew: true };
}

const HEADLINE_CHARS_MAX = 80;

/** The reason's first clause, cut between words: the whole of it stands in the timeline. */
function headline(reason: string): string {
  const clause = reason.split(/: |; |\n/)[0] ?? reason;
  if (clause.length <= HEADLINE_CHARS_MAX) return clause;
  return `${clause.slice(0, clause.lastIndexOf(" ", HEADLINE_CHARS_MAX))} …`;
}
