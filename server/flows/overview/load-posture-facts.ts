import { type SQL, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import type { PostureFacts } from "./judge-posture.ts";
import { loadAuditFacts } from "./load-audit-facts.ts";

/** A process that was not heard of for this long does not count as alive. */
export const ALIVE_SECONDS = 5;
/** Agents renew when two thirds of a certificate's life are over. */
const RENEWAL_SHARE = 2 / 3;

type Row<Facts> = { [Key in keyof Facts]: number | string | null };

const epochMs = (instant: SQL) => sql`(extract(epoch from ${instant}) * 1000)::float8`;
const before = (now: Date) => sql`${now.toISOString()}::timestamptz`;

/** Measures the seven layers, each with one query over indexed rows. */
export async function loadPostureFacts(db: Database, now: Date): Promise<PostureFacts> {
  const at = before(now);
  const [identity, authorization, isolation, monitoring, rotation, compliance, audit] = await Promise.all([
    one<PostureFacts["identity"]>(db, identityQuery(at)),
    one<PostureFacts["authorization"]>(db, authorizationQuery(at)),
    one<PostureFacts["isolation"]>(db, isolationQuery(at)),
    one<PostureFacts["monitoring"]>(db, monitoringQuery()),
    one<PostureFacts["rotation"]>(db, rotationQuery(at)),
    one<PostureFacts["compliance"]>(db, complianceQuery()),
    loadAuditFacts(db),
  ]);
  return { identity, authorization, isolation, monitoring, audit, rotation, compliance };
}

async function one<Facts extends Record<string, number | null>>(
  db: Database | Tx,
  query: SQL,
): Promise<Facts> {
  const { rows } = await db.execute<Row<Facts>>(query);
  return rows[0] as unknown as Facts;
}

const identityQuery = (at: SQL) => sql`
  select count(*)::int as agents,
    count(*) filter (where a.status in ('active', 'throttled'))::int as active,
    count(*) filter (where a.status = 'registered')::int as "neverEnrolled",
    count(*) filter (where a.owner_id is null)::int as ownerless,
    count(*) filter (where a.status in ('active', 'throttled') and not exists (
      select 1 from credentials c where c.agent_id = a.id and c.purpose = 'transport'
        and c.status = 'active' and c.not_after > ${at}))::int as "pastRenewal"
  from agents a where a.status <> 'retired'`;

const authorizationQuery = (at: SQL) => sql`
  select count(*)::int as pending, ${epochMs(sql`min(requested_at)`)} as "oldestPendingAt",
    ${epochMs(sql`min(expires_at)`)} as "nextExpiryAt",
    (select count(*)::int from grants where expires_at > ${at} and revoked_at is null) as elevated
  from approvals where status = 'pending' and expires_at > ${at}`;

const isolationQuery = (at: SQL) => sql`
  with gateways as (select id from processes where role = 'gateway'
    and seen_at > ${at} - make_interval(secs => ${ALIVE_SECONDS}))
  select count(*) filter (where s.state = 'deny_all')::int as denied,
    count(*) filter (where s.state = 'limited')::int as limited,
    count(*) filter (where exists (select 1 from gateways g where not exists (
      select 1 from isolation_confirmations k
      where k.agent_id = s.agent_id and k.gateway_id = g.id and k.epoch >= s.epoch)))::int as unconfirmed,
    (select count(*)::int from gateways) as gateways
  from isolation_states s where s.state <> 'open'`;

const monitoringQuery = () => sql`
  select count(*) filter (where severity = 'critical')::int as "openCritical",
    count(*) filter (where severity = 'high')::int as "openHigh",
    count(*) filter (where severity not in ('critical', 'high'))::int as "openOther",
    count(*) filter (where severity = 'critical' and owner_id is null)::int as "unownedCritical",
    count(*) filter (where severity = 'high' and owner_id is null)::int as "unownedHigh",
    (select count(*)::int from agents a where a.status in ('active', 'throttled') and not exists (
      select 1 from baselines b where b.agent_id = a.id and b.retired_at is null)) as "withoutBaseline",
    (select count(*)::int from window_slices where revision > scored_revision) as "waitingSlices"
  from alerts where status <> 'closed'`;

/** Newest live certificate of each agent and purpose; when its renewal is due. */
const rotationQuery = (at: SQL) => sql`
  with newest as (
    select distinct on (c.agent_id, c.purpose)
      c.not_before + (c.not_after - c.not_before) * ${RENEWAL_SHARE}::float8 as due
    from credentials c join agents a on a.id = c.agent_id
    where c.status = 'active' and a.status in ('active', 'throttled')
    order by c.agent_id, c.purpose, c.not_after desc)
  select (select count(*)::int from credentials where issued_at > ${at} - interval '24 hours') as "issuedLastDay",
    count(*) filter (where due < ${at})::int as overdue,
    ${epochMs(sql`min(due) filter (where due >= ${at})`)} as "nextDueAt"
  from newest`;

const complianceQuery = () => sql`
  select count(*)::int as open,
    count(*) filter (where not exists (
      select 1 from determinations d where d.incident_id = i.id))::int as undetermined,
    (select count(*)::int from clocks where status = 'running') as running,
    (select ${epochMs(sql`min(due_at)`)} from clocks where status = 'running') as "nextDueAt"
  from incidents i where i.status = 'open' and not i.drill`;
