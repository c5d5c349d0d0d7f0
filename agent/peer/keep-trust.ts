import { readCrl } from "../../server/layers/identity/engine/chain/read-crl.ts";
import { AgentError } from "../errors.ts";
import type { TrustFacts } from "./fetch-trust.ts";

/** Lists are asked for anew after this, or when one of them ends. */
const FRESH_MS = 60_000;
/** Where Vigil cannot be reached, lists that are still valid on paper count this long and no longer. */
const AWAY_MS_MAX = 5 * 60_000;
/** After a failure Vigil is not asked again at once: callers do not wait for it one after the other. */
const RETRY_MS = 2_000;

/** Trust facts with their age: when they were fetched, and since when, and why, they could not be renewed. */
export type Trust = TrustFacts & { fetchedAt: Date; away: { since: Date; why: string } | null };

export type KeptTrust = {
  /** @throws AgentError `trust_unavailable` where there never were any. */
  current: (now: Date) => Promise<Trust>;
};

/** Keeps trust facts fresh, one fetch at a time however many ask. */
export function keepTrust(fetch: () => Promise<TrustFacts>, freshMs = FRESH_MS): KeptTrust {
  let held: Trust | null = null;
  let until = new Date(0);
  let fetching: Promise<Trust> | null = null;

  const renew = async (now: Date): Promise<Trust> => {
    try {
      const facts = await fetch();
      held = { ...facts, fetchedAt: now, away: null };
      until = new Date(Math.min(now.getTime() + freshMs, ...facts.crls.map(endOf)));
      return held;
    } catch (error) {
      const why = (error as Error).message || "no answer";
      if (!held)
        throw new AgentError("trust_unavailable", 0, `Vigil's revocation lists could not be fetched: ${why}`);
      held = { ...held, away: { since: held.away?.since ?? now, why } };
      until = new Date(now.getTime() + RETRY_MS);
      return held;
    }
  };
  return {
    current: async (now) => {
      if (held && now < until) return held;
      fetching ??= renew(now).finally(() => {
        fetching = null;
      });
      return fetching;
    },
  };
}

/** Whether the lists are recent enough to judge by, as a check. */
export function checkLists(
  { fetchedAt, away }: Trust,
  now: Date,
): { id: string; passed: boolean; detail: string } {
  const id = "lists-fetched";
  const seconds = Math.max(0, Math.round((now.getTime() - fetchedAt.getTime()) / 1_000));
  if (!away) return { id, passed: true, detail: `The revocation lists were fetched ${seconds} s ago.` };
  const passed = seconds * 1_000 <= AWAY_MS_MAX;
  const since = `Vigil cannot be reached since ${away.since.toISOString()} (${away.why}).`;
  return {
    id,
    passed,
    detail: passed
      ? `${since} The lists of ${seconds} s ago still count.`
      : `${since} The lists of ${seconds} s ago are too old to trust.`,
  };
}

function endOf(der: Buffer): number {
  const list = readCrl(der);
  return typeof list === "string"
    ? Number.POSITIVE_INFINITY
    : (list.nextUpdate?.getTime() ?? Number.POSITIVE_INFINITY);
}
