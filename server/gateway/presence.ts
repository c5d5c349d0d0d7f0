import { sql } from "drizzle-orm";
import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";
import { markAgentActive } from "../layers/identity/mark-agent-active.ts";

const WRITE_MS = 2_000;

export type Presence = {
  /** An action of this agent was admitted. */
  seen: (agentId: string, now: Date) => void;
  close: () => Promise<void>;
};

/**
 * Writes when agents were last seen, every two seconds for all of them together and never in a request's way. An
 * agent's first admitted action makes it active, at once.
 */
export function trackPresence(deps: {
  db: Database;
  log: Logger;
  isEnrolled: (agentId: string) => boolean;
}): Presence {
  const { db, log } = deps;
  const seenAt = new Map<string, Date>();
  const activating = new Set<string>();

  async function write(): Promise<void> {
    const rows = [...seenAt];
    seenAt.clear();
    if (rows.length === 0) return;
    await db.execute(sql`
      with seen as (
        select * from json_to_recordset(${JSON.stringify(rows.map(([id, at]) => ({ id, at })))}::json)
          as s(id uuid, at timestamptz)
      ), free as (
        select agents.id from agents join seen using (id) order by agents.id for no key update of agents skip locked
      )
      update agents set last_seen_at = greatest(agents.last_seen_at, seen.at)
      from seen join free using (id) where agents.id = seen.id`);
  }

  let writing: Promise<void> | null = null;
  const timer = setInterval(() => {
    writing ??= write()
      .catch((error: unknown) => log.warn({ err: error }, "when agents were last seen could not be written"))
      .finally(() => {
        writing = null;
      });
  }, WRITE_MS);

  return {
    seen(agentId, now) {
      seenAt.set(agentId, now);
      if (activating.has(agentId) || !deps.isEnrolled(agentId)) return;
      activating.add(agentId);
      db.transaction((tx) => markAgentActive(tx, { agentId, now }))
        .catch((error: unknown) => log.warn({ err: error, agentId }, "the agent could not be made active"))
        .finally(() => activating.delete(agentId));
    },
    async close() {
      clearInterval(timer);
      await writing;
      await write().catch(() => undefined);
    },
  };
}
