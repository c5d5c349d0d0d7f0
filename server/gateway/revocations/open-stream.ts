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
  const waiting: Revocation[] = [];
  let lastPulse: { cursor: string; ageMs: number } | null = null;
  let missedLeft = 0;
  let stalledAt: number | null = null;
  let begun = false;

  const cut = (): void => {
    response.destroy();
  };
  const isStalled = () => stalledAt !== null && performance.now() - stalledAt > STALLED_MS_MAX;

  function pump(): void {
    if (begun && !response.destroyed && !mayFollow()) cut();
    if (!begun || response.destroyed) return;
    while (stalledAt === null && (waiting.length > 0 || lastPulse)) {
      const chunk = waiting.splice(0, CHUNK);
      missedLeft = Math.max(0, missedLeft - chunk.length);
      let text = chunk.map(frameOf).join("");
      if (waiting.length === 0 && lastPulse) {
        text += pulseFrame(lastPulse.cursor, lastPulse.ageMs);
        lastPulse = null;
      }
      if (!response.write(text)) stalledAt = performance.now();
    }
  }

  response.on("drain", () => {
    stalledAt = null;
    pump();
  });
  response.once("close", onEnd);
  return {
    cut,
    begin({ isWhole, rows, cursor, ageMs }) {
      response.write(`retry: ${RETRY_MS}\n\n${isWhole ? "event: reset\ndata: {}\n\n" : ""}`);
      // What was told while the reader was taken in comes behind what it missed.
      waiting.unshift(...rows);
      missedLeft = rows.length;
      lastPulse ??= { cursor, ageMs };
      begun = true;
      pump();
    },
    tell(news) {
      waiting.push(...news);
      if (waiting.length - missedLeft > WAITING_MAX || isStalled()) cut();
      else pump();
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
