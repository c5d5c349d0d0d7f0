import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import type { Check, Decision } from "../server/kernel/decision.ts";
import {
  REVOCATIONS_PATH,
  revocationEvent,
  revocationPulse,
} from "../server/layers/authorization/revocation-schema.ts";
import type { Peering } from "./peer/peering.ts";
import { openEvents } from "./revocations/open-events.ts";
import type { ServerEvent } from "./revocations/parse-events.ts";
import { createRevokedSet, type RevokedSet, type TokenClaims } from "./revocations/revoked-set.ts";

export type { TokenClaims };

/** A view older than this is none: what was revoked meanwhile is not known. */
const AGE_MS_MAX = 10_000;
const PAUSE_MS = { first: 100, max: 2_000 };
const KINDS: readonly string[] = ["token", "grant", "certificate", "agent"];

export type Revocations = {
  /**
   * Whether a token, whose signature, times and binding the caller has verified, still counts. Denied where it was
   * revoked, and where the view is too old to say: `view-fresh` has failed then, and the answer is 503, not 401.
   */
  judge: (token: TokenClaims) => Decision;
  /** How old the view may be at most, in milliseconds of this machine's time; infinite before the first state. */
  ageMs: () => number;
  /** Resolves when there is a first state. */
  ready: Promise<void>;
  close: () => Promise<void>;
};

/**
 * Follows what Vigil revokes, for a resource server that verifies tokens itself: holds it in memory, reconnects, goes
 * on where it stopped, and denies everything while its view is older than `ageMsMax`.
 *
 * @param peering of the resource server's own `openAgent`.
 * @param options.onLost told why each stream ended: lost, refused, or silent; it is opened again.
 */
export function followRevocations(
  peering: Pick<Peering, "identity" | "transport" | "onNewTransport" | "now">,
  options: { ageMsMax?: number; onLost?: (error: Error) => void; onChange?: () => void } = {},
): Revocations {
  const { identity, now } = peering;
  const { ageMsMax = AGE_MS_MAX, onLost = () => undefined, onChange = () => undefined } = options;
  const url = new URL(REVOCATIONS_PATH, identity.gatewayUrl).href;
  let revoked = createRevokedSet();
  /** A whole new state on its way in; it takes over when it is complete. */
  let incoming: RevokedSet | null = null;
  const stopped = new AbortController();
  let stream = new AbortController();
  let freshAt = Number.NEGATIVE_INFINITY;
  let cursor: string | null = null;
  let pauseMs = PAUSE_MS.first;
  let isReady = () => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });

  function hear({ event, data, id }: ServerEvent): void {
    const body: unknown = JSON.parse(data);
    if (event === "reset") incoming = createRevokedSet();
    else if (event === "pulse") {
      freshAt = performance.now() - revocationPulse.parse(body).ageMs;
      [revoked, incoming] = [incoming ?? revoked, null];
      [cursor, pauseMs] = [id ?? cursor, PAUSE_MS.first];
      revoked.forget(now());
      isReady();
    } else if (KINDS.includes(event)) {
      const told = revocationEvent.parse({ ...(body as object), kind: event });
      for (const set of [revoked, incoming]) set?.apply(told);
      onChange();
    }
  }

  async function follow(): Promise<void> {
    while (!stopped.signal.aborted) {
      stream = new AbortController();
      const signal = AbortSignal.any([stopped.signal, stream.signal]);
      const source = { url, rootPem: identity.rootPem, transport: peering.transport(), signal };
      const ended = await openEvents(source, cursor, hear).then(
        () => new Error("the stream ended"),
        (error: Error) => error,
      );
      if (stopped.signal.aborted) return;
      // Cut within a whole state: it is asked for again.
      if (incoming) [cursor, incoming] = [null, null];
      if (stream.signal.aborted) continue;
      onLost(ended);
      await wait(pauseMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      pauseMs = Math.min(PAUSE_MS.max, pauseMs * 2);
    }
  }

  const forgetListener = peering.onNewTransport(() => stream.abort());
  const following = follow();
  const ageMs = () => performance.now() - freshAt;
  return {
    ready,
    ageMs,
    judge: (token) => judge(revoked.reasonAgainst(token), ageMs(), ageMsMax),
    close: async () => {
      forgetListener();
      stopped.abort();
      await following;
    },
  };
}

function judge(reason: string | null, ageMs: number, ageMsMax: number): Decision {
  const fresh = ageMs <= ageMsMax;
  const age = Number.isFinite(ageMs) ? `is ${Math.round(ageMs)} ms old` : "was never read";
  const checks: Check[] = [
    {
      id: "view-fresh",
      passed: fresh,
      detail: `What is revoked ${age}${fresh ? "." : `; at most ${ageMsMax} ms count.`}`,
    },
    {
      id: "not-revoked",
      passed: reason === null,
      detail: reason ?? "Nothing that is revoked speaks against the token.",
    },
  ];
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}
