import type { Database } from "../../db/client.ts";
import { liveSessions } from "../access/live-sessions.ts";
import type { OperatorSession } from "../access/read-session.ts";
import { UnavailableError } from "../kernel/errors.ts";
import type { EventHub, LiveEvent } from "./event-hub.ts";

const BEAT_MS = 1000;
const STREAMS_MAX = 500;
const STREAMS_PER_SESSION_MAX = 20;
/** A browser that lets this many frames pile up is cut off; it comes back and reads everything anew. */
const BACKLOG_FRAMES_MAX = 64;

type Stream = { sessionId: string; write: (frame: Uint8Array) => void; end: () => void };

/** The browsers' open event streams of one process. */
export type LiveStreams = { open: (session: OperatorSession, lastEventId: string | null) => Response };

const encoder = new TextEncoder();

/**
 * Server-sent events: `change` with `{topic, keys}`, `resync`, and every second `beat` with the server's time,
 * from which a page knows the age of its data. A stream ends within two seconds of its session's end: all
 * sessions with a stream are looked up together, once a second.
 */
export function createLiveStreams(db: Database, events: EventHub): LiveStreams {
  const streams = new Set<Stream>();
  let timer: NodeJS.Timeout | null = null;
  let unsubscribe: (() => void) | null = null;

  const broadcast = (frame: Uint8Array) => {
    for (const stream of [...streams]) stream.write(frame);
  };

  const beat = async (now: Date) => {
    broadcast(beatFrame(now));
    const ids = new Set([...streams].map((stream) => stream.sessionId));
    const live = await liveSessions(db, ids, now).catch(() => null);
    if (!live) return;
    for (const stream of [...streams])
      if (ids.has(stream.sessionId) && !live.has(stream.sessionId)) stream.end();
  };

  const add = (stream: Stream) => {
    streams.add(stream);
    unsubscribe ??= events.subscribe((event) => broadcast(frameOf(event)));
    timer ??= setInterval(() => void beat(new Date()), BEAT_MS).unref();
  };

  const remove = (stream: Stream) => {
    streams.delete(stream);
    if (streams.size > 0) return;
    if (timer) clearInterval(timer);
    timer = null;
    unsubscribe?.();
    unsubscribe = null;
  };

  return {
    open: (session, lastEventId) => {
      const own = [...streams].filter((stream) => stream.sessionId === session.id);
      if (streams.size >= STREAMS_MAX)
        throw new UnavailableError(
          "too_many_streams",
          "This console has as many live pages as it can serve.",
        );
      if (own.length >= STREAMS_PER_SESSION_MAX) own[0]?.end();
      const { readable, stream } = makeStream(session.id, remove);
      add(stream);
      stream.write(encoder.encode("retry: 1000\n\n"));
      stream.write(beatFrame(new Date()));
      if (lastEventId) stream.write(encode("resync", {}, events.lastId()));
      return new Response(readable, {
        headers: {
          "content-type": "text/event-stream; charset=utf-8",
          "cache-control": "no-store, no-transform",
          "x-accel-buffering": "no",
        },
      });
    },
  };
}

function makeStream(sessionId: string, onEnd: (stream: Stream) => void) {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const end = () => {
    onEnd(stream);
    try {
      controller.close();
    } catch {
      // closed by the browser already
    }
  };
  const stream: Stream = {
    sessionId,
    write: (frame) => {
      if ((controller.desiredSize ?? 0) < -BACKLOG_FRAMES_MAX) end();
      else controller.enqueue(frame);
    },
    end,
  };
  const readable = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: () => onEnd(stream),
  });
  return { readable, stream };
}

/** Server time, ISO 8601. */
function beatFrame(now: Date): Uint8Array {
  return encode("beat", { now: now.toISOString() });
}

function frameOf({ id, topic, keys }: LiveEvent): Uint8Array {
  return topic === "resync" ? encode("resync", {}, id) : encode("change", { topic, keys }, id);
}

function encode(event: string, data: unknown, id?: number): Uint8Array {
  return encoder.encode(`${id ? `id: ${id}\n` : ""}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
