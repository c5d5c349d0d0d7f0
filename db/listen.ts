import { sql } from "drizzle-orm";
import pg from "pg";
import type { Database, Tx } from "./client.ts";

/** What changed, in words that listeners know; the key says which row, and the truth is re-read. */
export type Topic =
  | "record"
  | "chain"
  | "checkpoint"
  | "verification"
  | "agent"
  | "certificate-request"
  | "certificate"
  | "isolation"
  | "token"
  | "grant"
  | "revocation"
  | "approval"
  | "policy"
  | "rules"
  | "facts"
  | "window"
  | "score"
  | "trust"
  | "alert"
  | "signal"
  | "containment"
  | "maintenance"
  | "incident"
  | "clock"
  | "outbox"
  | "process";

export type Notice = { topic: Topic; key: string };

const CHANNEL = "vigil";
const RECONNECT_MS = 250;

/** Tells every process at commit that something changed. Notices of one transaction that are equal are sent once. */
export async function notify(tx: Tx | Database, topic: Topic, key = ""): Promise<void> {
  await tx.execute(sql`select pg_notify(${CHANNEL}, ${`${topic}:${key}`})`);
}

/**
 * Hears what other processes commit. A connection that is lost is opened again until `close`; since
 * notices sent meanwhile are gone, `onReconnect` tells the listener to read everything anew.
 */
export function listen(
  url: string,
  handlers: { onNotice: (notice: Notice) => void; onReconnect: () => void },
): { close: () => Promise<void> } {
  let closed = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;

  const retry = () => {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(connect, RECONNECT_MS);
  };

  const connect = async () => {
    const next = new pg.Client({ connectionString: url, application_name: "vigil-listen", keepAlive: true });
    client = next;
    next.on("error", () => undefined);
    next.on("end", retry);
    next.on("notification", ({ payload }) => {
      const [topic = "", ...key] = (payload ?? "").split(":");
      handlers.onNotice({ topic: topic as Topic, key: key.join(":") });
    });
    try {
      await next.connect();
      await next.query(`listen ${CHANNEL}`);
      handlers.onReconnect();
    } catch {
      await next.end().catch(() => undefined);
      retry();
    }
  };

  void connect();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
