import type { ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import type { Revocation } from "../../layers/authorization/revocation-store.ts";
import type { Follower } from "./create-feed.ts";

/** Events that may wait for a reader beside what it missed, and how long it may take nothing: then it is cut. */
const WAITING_MAX = 5_000;
const STALLED_MS_MAX = 10_000;
/** Formatted and handed to the socket at once; the rest waits as it is held. */
const CHUNK = 200;
const RETRY_MS = 1_000;

/** Ends a stream by itself or is ended; `onEnd` is called once. */
export type Stream = Follower & { begin: (missed: Missed) => void };
type Missed = { isWhole: boolean; rows: readonly Revocation[]; cursor: string; ageMs: number };

/**
 * Writes one reader's server-sent events. Its cursor (`id`) goes along with each pulse, so that one who is cut in
 * between gets what came after its last pulse again. A reader that does not keep up is cut, and resumes.
 *
 * @param mayFollow asked before anything is written: whoever may no longer follow hears nothing more.
 */
export function openStream(
  response: ServerResponse,
  { mayFollow, onEnd }: { mayFollow: () => boolean; onEnd: () => void },
): Stream {
  /** What the reader missed, up to where it has been handed out, and behind it what came since. */
  let missed: readonly Revocation[] = [];
  let missedAt = 0;
  const waiting: Revocation[] = [];
  let lastPulse: { cursor: string; ageMs: number } | null = null;
  let stalledAt: number | null = null;
  let begun = false;

  const cut = (): void => {
    response.destroy();
  };
  const isStalled = () => stalledAt !== null && performance.now() - stalledAt > STALLED_MS_MAX;

  const isEmpty = () => missedAt >= missed.length && waiting.length === 0;

  function nextChunk(): readonly Revocation[] {
    if (missedAt >= missed.length) return waiting.splice(0, CHUNK);
    const chunk = missed.slice(missedAt, missedAt + CHUNK);
    missedAt += chunk.length;
    if (missedAt >= missed.length) [missed, missedAt] = [[], 0];
    return chunk;
  }

  function pump(): void {
    if (begun && !response.destroyed && !mayFollow()) cut();
    if (!begun || response.destroyed) return;
    while (stalledAt === null && (!isEmpty() || lastPulse)) {
      let text = nextChunk().map(frameOf).join("");
      if (isEmpty() && lastPulse) {
        text += pulseFrame(lastPulse.cursor, lastPulse.ageMs);
        lastPulse = null;
      }
      if (!response.write(text)) stalledAt = performance.now();
    }
  }

  // Nobody is above this event: what is thrown here would end the gateway.
  response.on("drain", () => {
    stalledAt = null;
    try {
      pump();
    } catch {
      cut();
    }
  });
  response.once("close", onEnd);
  return {
    cut,
    begin({ isWhole, rows, cursor, ageMs }) {
      response.write(`retry: ${RETRY_MS}\n\n${isWhole ? "event: reset\ndata: {}\n\n" : ""}`);
      missed = rows;
      lastPulse ??= { cursor, ageMs };
      begun = true;
      pump();
    },
    tell(news) {
      if (waiting.length + news.length > WAITING_MAX || isStalled()) return cut();
      for (const one of news) waiting.push(one);
      pump();
    },
    pulse(cursor, ageMs) {
      lastPulse = { cursor, ageMs };
      if (isStalled()) cut();
      else pump();
    },
  };
}

function frameOf({ event: { kind, ...data } }: Revocation): string {
  return `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
}

function pulseFrame(cursor: string, ageMs: number): string {
  return `id: ${cursor}\nevent: pulse\ndata: {"ageMs":${ageMs}}\n\n`;
}
