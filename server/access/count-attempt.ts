import { sql } from "drizzle-orm";
import type { Database, Tx } from "../../db/client.ts";

/**
 * Counts one attempt under a key, in the database, so that all consoles count together. A window starts with
 * its first attempt and lasts `windowSeconds`.
 *
 * @returns the count with this attempt, when the window ends, and the count of the window before it where this
 * attempt opened a new one.
 */
export async function countAttempt(
  db: Database | Tx,
  key: string,
  windowSeconds: number,
  now: Date,
): Promise<{ count: number; endsAt: Date; before: number }> {
  const at = now.getTime();
  const opened = at - windowSeconds * 1000;
  const { rows } = await db.execute<{ count: number; last_request: number; before: number }>(sql`
    with earlier as (select count, last_request from rate_limits where key = ${key})
    insert into rate_limits as r (id, key, count, last_request) values (gen_random_uuid(), ${key}, 1, ${at})
    on conflict (key) do update set
      count = case when r.last_request <= ${opened} then 1 else r.count + 1 end,
      last_request = case when r.last_request <= ${opened} then ${at}::bigint else r.last_request end
    returning count, last_request,
      coalesce((select e.count from earlier e where e.last_request <= ${opened}), 0)::int as before`);
  const row = rows[0] ?? { count: 1, last_request: at, before: 0 };
  return {
    count: row.count,
    endsAt: new Date(Number(row.last_request) + windowSeconds * 1000),
    before: row.before,
  };
}

/** The attempts counted in the open window of a key, without counting one. */
export async function attemptsSoFar(
  db: Database | Tx,
  key: string,
  windowSeconds: number,
  now: Date,
): Promise<{ count: number; endsAt: Date }> {
  const opened = now.getTime() - windowSeconds * 1000;
  const { rows } = await db.execute<{ count: number; last_request: number }>(sql`
    select count, last_request from rate_limits where key = ${key} and last_request > ${opened}`);
  const row = rows[0];
  return row
    ? { count: row.count, endsAt: new Date(Number(row.last_request) + windowSeconds * 1000) }
    : { count: 0, endsAt: now };
}

/** Takes one attempt back: it turned out to be right, so it was no guess. */
export async function forgiveAttempt(db: Database | Tx, key: string): Promise<void> {
  await db.execute(sql`update rate_limits set count = greatest(count - 1, 0) where key = ${key}`);
}
