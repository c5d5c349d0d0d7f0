import { sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { trustScores } from "../../../db/schema/index.ts";
import { trustFrom } from "./current-trust.ts";
import { loadTrustBasis } from "./trust-store.ts";

export const TRUST_BATCH_MAX = 100;
/** Each agent is judged this often, whether or not anything asked. */
const EVERY_MS = 3_600_000;
/** All that was kept in the last day, the last of each hour for a week, the last of each day for 90. */
const KEPT = { allMs: 86_400_000, hourlyMs: 7 * 86_400_000, dailyMs: 90 * 86_400_000 };

/**
 * Judges the agents whose trust was kept last over an hour ago, at most a batch of them, and thins out their history:
 * at most about 500 rows an agent. Who is retired is judged no more.
 *
 * @param fence checks in the transaction that the caller still holds the duty.
 * @returns how many were judged.
 */
export async function keepTrustHistory(
  db: Database,
  { fence, now }: { fence: (tx: Tx) => Promise<void>; now: Date },
): Promise<number> {
  const before = new Date(now.getTime() - EVERY_MS);
  const { rows } = await db.execute<{ id: string }>(sql`
    select a.id from agents a
    where a.status not in ('registered', 'retired') and a.kind = 'agent'
      and not exists (select 1 from ${trustScores} t where t.agent_id = a.id and t.at > ${before})
    order by a.id limit ${TRUST_BATCH_MAX}`);
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  const judged = [...(await loadTrustBasis(db, ids, now)).values()];
  await db.transaction(async (tx) => {
    await fence(tx);
    const kept = judged.map((basis) => {
      const { computed, contributions, version } = trustFrom(basis, now);
      return { agentId: basis.agent.id, at: now, score: String(computed), contributions, version };
    });
    await tx.insert(trustScores).values(kept).onConflictDoNothing();
    await thinOut(tx, ids, now);
    await notify(tx, "trust");
  });
  return judged.length;
}

async function thinOut(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  const ago = (ms: number) => new Date(now.getTime() - ms);
  const theirs = sql`agent_id = any(${sql.param([...ids])}::uuid[])`;
  await tx.execute(sql`delete from ${trustScores} where ${theirs} and at < ${ago(KEPT.dailyMs)}`);
  await tx.execute(sql`
    delete from ${trustScores} t using (
      select agent_id, at, row_number() over (partition by agent_id,
        date_trunc(case when at < ${ago(KEPT.hourlyMs)} then 'day' else 'hour' end, at) order by at desc) as place
      from ${trustScores} where ${theirs} and at < ${ago(KEPT.allMs)}) old
    where t.agent_id = old.agent_id and t.at = old.at and old.place > 1`);
}
