import { sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import type { ApprovedOverride } from "./engine/apply-override.ts";
import type { TrustFacts } from "./engine/trust-score.ts";

const DAY_MS = 86_400_000;
const STRANGE_ABOVE = 0.5;

/** What the database holds of an agent that its trust is judged by, and the override that a person approved last. */
export type TrustBasis = {
  facts: TrustFacts;
  override: ApprovedOverride | null;
  agent: { id: string; status: string; banned: boolean };
};

type Row = {
  id: string;
  status: string;
  banned: boolean;
  facts: {
    knownSince: string | null;
    windows: number;
    strangeWindows: number;
    score: number | null;
    liveCredentials: number;
    lateRenewals: number;
    hasOwner: boolean;
    attested: { authority: string; expiresAt: string }[];
    containments: string[];
    openIncidents: number;
    confirmedIncidents: string[];
    confirmedAlerts: string[];
    openSevereAlerts: number;
  };
  override: { id: string; score: number; decidedAt: string; endsAt: string } | null;
};

/**
 * Reads what trust in these agents is judged by, in one statement. An attestation is there where it is the newest of its
 * authority for what is claimed now, not withdrawn, by another account than stated it, and, for the business owner,
 * by the owner of now. Drills count nothing.
 */
export async function loadTrustBasis(
  db: Database | Tx,
  agentIds: readonly string[],
  now: Date,
): Promise<Map<string, TrustBasis>> {
  if (agentIds.length === 0) return new Map();
  const ago = (days: number) => new Date(now.getTime() - days * DAY_MS);
  const { rows } = await db.execute<Row>(sql`
    select a.id, a.status, a.banned, jsonb_build_object(
      'hasOwner', a.owner_id is not null,
      'knownSince', (select min(w.at) from feature_windows w where w.agent_id = a.id),
      'windows', week.windows, 'strangeWindows', week.strange,
      'score', (select r.score from response_states r where r.agent_id = a.id),
      'liveCredentials', (select count(distinct c.purpose) from credentials c
        where c.agent_id = a.id and c.status = 'active' and c.not_after > ${now}),
      'lateRenewals', (select count(*) from renewals r where r.agent_id = a.id and r.watched
        and (r.overdue_at <= ${now} or r.last_failed_at > r.issued_at)),
      'attested', ${attested(now)},
      'containments', (select coalesce(jsonb_agg(c.requested_at), '[]') from containments c
        where c.agent_id = a.id and c.requested_at >= ${ago(90)}
          and not exists (select 1 from incidents i where i.id = c.incident_id and i.drill)),
      'openIncidents', (select count(*) from incidents i where i.agent_id = a.id and i.status <> 'closed' and not i.drill),
      'confirmedIncidents', ${notifiable(ago(90))},
      'confirmedAlerts', (select coalesce(jsonb_agg(l.opened_at), '[]') from alerts l
        where l.agent_id = a.id and l.disposition = 'true-positive' and l.opened_at >= ${ago(30)}),
      'openSevereAlerts', (select count(*) from alerts l where l.agent_id = a.id and l.status <> 'closed'
        and l.kind <> 'authorization' and l.severity in ('high', 'critical'))) as facts,
      (select jsonb_build_object('id', o.id, 'score', o.score, 'decidedAt', o.decided_at, 'endsAt', o.ends_at)
        from trust_overrides o where o.agent_id = a.id and o.status = 'approved' and o.ends_at > ${now}
        order by o.decided_at desc limit 1) as override
    from agents a
    cross join lateral (select count(*) as windows, count(*) filter (where w.score > ${STRANGE_ABOVE}) as strange
      from feature_windows w where w.agent_id = a.id and w.at > ${ago(7)}) week
    where a.id = any(${sql.param([...agentIds])}::uuid[])`);
  return new Map(rows.map((row) => [row.id, basisOf(row)]));
}

function attested(now: Date) {
  return sql`(select coalesce(jsonb_agg(jsonb_build_object('authority', t.authority, 'expiresAt', t.expires_at)), '[]')
    from (select distinct on (s.claim) s.claim, s.digest, s.stated_by from agent_claims s
      where s.agent_id = a.id order by s.claim, s.ord desc) stated
    join lateral (select distinct on (t.authority) t.* from attestations t
      where t.agent_id = a.id and t.claim = stated.claim and t.digest = stated.digest
      order by t.authority, t.ord desc) t on true
    where t.expires_at > ${now} and t.attested_at <= ${now} and t.attested_by <> stated.stated_by
      and (t.authority <> 'business-owner' or t.attested_by = a.owner_id)
      and not exists (select 1 from attestation_withdrawals w where w.attestation_id = t.id))`;
}

/** Of each incident the last determination counts: one that was superseded says nothing. */
function notifiable(since: Date) {
  return sql`(select coalesce(jsonb_agg(d.determined_at), '[]') from incidents i
    join determinations d on d.incident_id = i.id
    where i.agent_id = a.id and not i.drill and d.outcome = 'notifiable' and d.determined_at >= ${since}
      and not exists (select 1 from determinations n where n.supersedes = d.id))`;
}

function basisOf({ id, status, banned, facts, override }: Row): TrustBasis {
  const dates = (texts: readonly string[]) => texts.map((text) => new Date(text));
  return {
    agent: { id, status, banned },
    facts: {
      ...facts,
      knownSince: facts.knownSince === null ? null : new Date(facts.knownSince),
      attested: facts.attested.map((it) => ({ ...it, expiresAt: new Date(it.expiresAt) })),
      containments: dates(facts.containments),
      confirmedIncidents: dates(facts.confirmedIncidents),
      confirmedAlerts: dates(facts.confirmedAlerts),
    },
    override: override && {
      ...override,
      decidedAt: new Date(override.decidedAt),
      endsAt: new Date(override.endsAt),
    },
  };
}
