import { sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import type { EscalationFacts } from "./engine/approval-escalation.ts";
import { readLimits } from "./engine/narrow-limits.ts";

/**
 * What counts together with a request: grants of the scope that the agent's whole family (from its eldest down) was
 * given within the time, ended and revoked ones too, and the family's open requests. It is one statement, so that a
 * request which is being granted at this moment is seen as one or the other and never as neither.
 *
 * @param ask.exceptApprovalId the request itself, at its vote.
 */
export async function loadEscalationFacts(
  db: Database | Tx,
  ask: {
    agentId: string;
    scope: string;
    withinSeconds: number;
    exceptApprovalId: string | null;
    now: Date;
  },
): Promise<EscalationFacts> {
  const { agentId, scope, withinSeconds, exceptApprovalId, now } = ask;
  const since = new Date(now.getTime() - withinSeconds * 1000);
  const { rows } = await db.execute<{ limits: unknown }>(sql`
    with recursive line as (
      select id, parent_id from agents where id = ${agentId}
      union
      select a.id, a.parent_id from line join agents a on a.id = line.parent_id
    ), family as (
      select id from line where parent_id is null
      union
      select a.id from family join agents a on a.parent_id = family.id
    ), counted as (select id from family union select id from line)
    select limits from grants
      where agent_id in (select id from counted) and scope = ${scope} and granted_at > ${since}
        and approval_id is distinct from ${exceptApprovalId}::uuid
    union all
    select limits from approvals
      where agent_id in (select id from counted) and scope = ${scope} and status = 'pending'
        and expires_at > ${now} and id is distinct from ${exceptApprovalId}::uuid`);
  return { others: rows.map(({ limits }) => readLimits(limits)) };
}
