import { listen, type Notice, type Topic } from "../../db/listen.ts";

/** What a browser is told: a topic and the keys that changed, or to read everything anew. */
export type LiveEvent = { id: number; topic: Topic | "resync"; keys: string[] };

export type EventHub = {
  /** Calls back with each event until the returned function is called. */
  subscribe: (onEvent: (event: LiveEvent) => void) => () => void;
  /** The last event's id. */
  lastId: () => number;
  close: () => Promise<void>;
};

/** What screens show; the rest is between the processes. */
const SHOWN: ReadonlySet<string> = new Set<Topic>([
  "record",
  "chain",
  "checkpoint",
  "verification",
  "agent",
  "certificate",
  "isolation",
  "grant",
  "approval",
  "policy",
  "rules",
  "score",
  "trust",
  "alert",
  "signal",
  "containment",
  "maintenance",
  "incident",
  "clock",
  "facts",
  "outbox",
  "process",
]);

/** At most one event of a topic in this time; what comes meanwhile is gathered into the next. */
const GATHER_MS = 100;
/** More keys than this in one event become none: read the whole topic. */
const KEYS_MAX = 50;

type Gathering = { keys: Set<string>; timer: NodeJS.Timeout | null; sentAt: number };

/**
 * One LISTEN connection for the process, fanned out to any number of subscribers, each topic coalesced. It is
 * opened with the first subscriber; a connection that was lost and came back is announced as `resync`.
 */
export function createEventHub(databaseUrl: string, open: typeof listen = listen): EventHub {
  const subscribers = new Set<(event: LiveEvent) => void>();
  const topics = new Map<Topic, Gathering>();
  let connection: ReturnType<typeof listen> | null = null;
  let wasConnected = false;
  let id = 0;

  const send = (topic: LiveEvent["topic"], keys: string[]) => {
    const event = { id: ++id, topic, keys };
    for (const subscriber of subscribers) subscriber(event);
  };

  const flush = (topic: Topic, gathered: Gathering) => {
    const keys = gathered.keys.size > KEYS_MAX ? [] : [...gathered.keys];
    gathered.keys.clear();
    gathered.timer = null;
    gathered.sentAt = performance.now();
    send(topic, keys);
  };

  const onNotice = ({ topic, key }: Notice) => {
    if (!SHOWN.has(topic)) return;
    const gathered = topics.get(topic) ?? { keys: new Set(), timer: null, sentAt: Number.NEGATIVE_INFINITY };
    topics.set(topic, gathered);
    if (key && gathered.keys.size <= KEYS_MAX) gathered.keys.add(key);
    if (gathered.timer) return;
    const waitMs = Math.max(0, gathered.sentAt + GATHER_MS - performance.now());
    gathered.timer = setTimeout(() => flush(topic, gathered), waitMs);
  };

  const onReconnect = () => {
    if (wasConnected) send("resync", []);
    wasConnected = true;
  };

  return {
    subscribe: (onEvent) => {
      connection ??= open(databaseUrl, { onNotice, onReconnect });
      subscribers.add(onEvent);
      return () => void subscribers.delete(onEvent);
    },
    lastId: () => id,
    close: async () => {
      for (const { timer } of topics.values()) if (timer) clearTimeout(timer);
      subscribers.clear();
      await connection?.close();
      connection = null;
    },
  };
}
