import { sql } from "drizzle-orm";
import type { Database } from "../../../../db/client.ts";

/**
 * A bank's fleet at once: agents with five credentials each under the authorities that are there, their ends
 * spread over their lives, one in a hundred overdue and one in two hundred refused at its last renewal.
 *
 * @param prefix the agents' names begin with it and end with a number of five digits.
 */
export async function insertManyAgents(
  db: Database,
  fleet: { prefix: string; agents: number; now: Date },
): Promise<void> {
  const { prefix, agents, now } = fleet;
  const at = sql`${now.toISOString()}::timestamptz`;
  await db.execute(sql`
    insert into agents (id, name, did, title, status, zone, criticality, owner_id, created_at, enrolled_at, last_seen_at)
    select gen_random_uuid(), ${prefix} || lpad(n::text, 5, '0'), 'did:bank:agent:' || ${prefix} || lpad(n::text, 5, '0'),
      case n % 5 when 0 then 'Fraud detection' when 1 then 'Payments' else 'Reconciles accounts' end, 'active', 'a',
      'standard', null, ${at} - interval '90 days', ${at} - interval '89 days',
      case when n % 20 = 0 then null else ${at} - (n % 600) * interval '1 second' end
    from generate_series(1, ${agents}::int) n`);
  await db.execute(sql`
    insert into credentials (id, agent_id, purpose, authority_id, serial, thumbprint, key_id, public_jwk,
      certificate_pem, not_before, not_after, issued_at)
    select gen_random_uuid(), a.id, p.purpose, ca.id, '01' || substr(md5(a.id || p.purpose), 1, 30),
      md5(p.purpose || a.id) || 't', md5(a.id || p.purpose) || 'k', '{}', '', begun, begun + life, begun
    from agents a cross join (values ('transport', interval '24 hours'), ('signature', interval '30 days'),
      ('oauth', interval '90 days'), ('callback', interval '90 days'), ('encryption', interval '90 days')) p (purpose, life)
    join authorities ca on ca.purpose = p.purpose and ca.status = 'active'
    cross join lateral (select ${at} - life * (case when abs(hashtext(a.id || p.purpose)) % 100 = 0 then 0.9
      else (abs(hashtext(p.purpose || a.id)) % 660) / 1000.0 end) as begun) b
    where a.name like ${`${prefix}%`}`);
  await db.execute(sql`
    insert into certificate_requests (id, agent_id, purpose, csr_pem, requested_at)
    select gen_random_uuid(), id, 'transport', '', ${at} - interval '2 seconds' from agents
    where name like ${`${prefix}%`} and right(name, 3)::int % 200 = 7`);
  await db.execute(sql`
    update certificate_requests set answered_at = ${at} - interval '1 second', error_code = 'certificate_key_unused',
      error_detail = 'The key was used before.'
    where answered_at is null and agent_id in (select id from agents where name like ${`${prefix}%`})`);
  await db.execute(sql`select pg_notify('vigil', 'agent:')`);
}
