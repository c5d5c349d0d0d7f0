import { sql } from "drizzle-orm";
import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";

const BEAT_MS = 1_000;

/**
 * Says each second, on the database's clock, that this process lives and what it has to say. A process that
 * ends cleanly takes its row away; one that was killed is known by its age.
 *
 * @throws when the first beat cannot be written: a process without the database is not ready.
 */
export async function startHeartbeat(
  db: Database,
  process: {
    id: string;
    role: "console" | "gateway" | "worker";
    log: Logger;
    detail: () => Record<string, unknown>;
  },
): Promise<{ close: () => Promise<void> }> {
  const beat = () =>
    db.execute(sql`
      insert into processes (id, role, started_at, seen_at, detail)
      values (${process.id}, ${process.role}, now(), now(), ${JSON.stringify(process.detail())}::jsonb)
      on conflict (id) do update set seen_at = now(), detail = excluded.detail`);

  let beating: Promise<unknown> | null = null;
  await beat();
  await db.execute(sql`delete from processes where seen_at < now() - interval '1 day'`);
  const timer = setInterval(() => {
    beating ??= beat()
      .catch((error: unknown) => process.log.warn({ err: error }, "the heartbeat could not be written"))
      .finally(() => {
        beating = null;
      });
  }, BEAT_MS);
  return {
    close: async () => {
      clearInterval(timer);
      await beating;
      await db.execute(sql`delete from processes where id = ${process.id}`).catch(() => undefined);
    },
  };
}
