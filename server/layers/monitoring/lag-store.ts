import { sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import type { SaidOfDuty } from "./engine/scoring-lag.ts";

/** A worker beats each second: one not heard of for longer does nothing. */
const ALIVE_SECONDS = 5;

/** What the live workers say of folding and scoring. */
export async function saidOfScoring(db: Database, now: Date): Promise<SaidOfDuty[]> {
  const { rows } = await db.execute<{ duty: SaidOfDuty["duty"]; said: Record<string, unknown> }>(sql`
    select d.key as duty, d.value as said
    from processes p, jsonb_each(case when jsonb_typeof(p.detail -> 'duties') = 'object'
      then p.detail -> 'duties' else '{}'::jsonb end) d
    where p.role = 'worker' and d.key in ('fold-windows', 'score-windows')
      and p.seen_at > ${now.toISOString()}::timestamptz - make_interval(secs => ${ALIVE_SECONDS})`);
  return rows.map(({ duty, said }) => ({
    duty,
    state: typeof said.state === "string" ? said.state : "unknown",
    lastRunAtMs: typeof said.lastRunAt === "string" ? Date.parse(said.lastRunAt) : null,
    lagMs: typeof said.lagMs === "number" ? said.lagMs : null,
    waiting: typeof said.waiting === "number" ? said.waiting : null,
    lastError: said.state === "failing" && typeof said.lastError === "string" ? said.lastError : null,
  }));
}
