import type { TLSSocket } from "node:tls";
import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";
import { noteConnections } from "../flows/note-connections.ts";
import { earlier, later } from "../kernel/instants.ts";
import type {
  ConnectionPath,
  Negotiated,
  SeenConnection,
  TlsPolicy,
} from "../layers/identity/connection-schema.ts";

const WRITE_MS = 5_000;
/** Outcomes by certificate that are held between two writings; beyond, connections are not counted. */
const HELD_MAX = 10_000;
const BATCH_MAX = 500;
/** A certificate whose agent this gateway has not heard of by then is none of the agents'. */
const WAITED_MAX = 3;

type Seen = Omit<SeenConnection, "agentId"> & { waited: number };
export type Observation = Negotiated & { thumbprint: string; path: ConnectionPath; resumed: boolean };

export type Connections = {
  /** A connection was made. */
  seen: (observation: Observation, now: Date) => void;
  close: () => Promise<void>;
};

/**
 * Counts what each certificate's connections negotiated, and writes it every five seconds for all of them together:
 * never in a handshake's way, and never more rows than there are agents' certificates and outcomes.
 */
export function observeConnections(deps: {
  db: Database;
  log: Logger;
  clock: () => Date;
  policy: TlsPolicy;
  agentOf: (thumbprint: string) => string | undefined;
}): Connections {
  const { db, log, clock, policy, agentOf } = deps;
  const held = new Map<string, Seen>();

  function hold(seen: Seen): void {
    const key = `${seen.thumbprint} ${seen.path} ${seen.version} ${seen.cipher} ${seen.keyExchange}`;
    const before = held.get(key);
    if (before) {
      before.count += seen.count;
      before.resumed += seen.resumed;
      before.lastAt = later(before.lastAt, seen.lastAt);
      before.firstAt = earlier(before.firstAt, seen.firstAt);
    } else if (held.size < HELD_MAX) held.set(key, seen);
  }

  async function write(): Promise<void> {
    const taken = [...held.values()];
    held.clear();
    const known: SeenConnection[] = [];
    for (const { waited, ...seen } of taken) {
      const agentId = agentOf(seen.thumbprint);
      if (agentId) known.push({ ...seen, agentId });
      else if (waited < WAITED_MAX) hold({ ...seen, waited: waited + 1 });
    }
    for (let from = 0; from < known.length; from += BATCH_MAX)
      try {
        await noteConnections(db, { seen: known.slice(from, from + BATCH_MAX), policy, now: clock() });
      } catch (error) {
        for (const { agentId: _agent, ...seen } of known.slice(from)) hold({ ...seen, waited: 0 });
        throw error;
      }
  }

  let writing: Promise<void> | null = null;
  const timer = setInterval(() => {
    writing ??= write()
      .catch((error: unknown) => log.warn({ err: error }, "negotiated connections could not be written yet"))
      .finally(() => {
        writing = null;
      });
  }, WRITE_MS);

  return {
    seen({ resumed, ...observation }, now) {
      hold({ ...observation, count: 1, resumed: resumed ? 1 : 0, firstAt: now, lastAt: now, waited: 0 });
    },
    async close() {
      clearInterval(timer);
      await writing;
      await write().catch(() => undefined);
    },
  };
}

/** What a connection of this gateway's own negotiated. Node does not tell a server the key exchange's group. */
export function negotiatedBy(socket: TLSSocket): Negotiated & { resumed: boolean } {
  return {
    version: socket.getProtocol() ?? "unknown",
    cipher: socket.getCipher().name,
    keyExchange: "",
    resumed: socket.isSessionReused(),
  };
}
