import { isIP } from "node:net";
import type { LiveAgent } from "../flows/admit-action/world.ts";

/** Refusals of one agent that get a record of their own in each span; the rest are counted. */
const RECORDS_PER_SPAN = { signed: 100, unsigned: 5 } as const;
const SPAN_MS = 10_000;
/** Distinct reasons and sources counted at once; beyond, they are counted as `other`. */
const COUNTERS_MAX = 1_000;

/** A request on a door that believes no such header named a client certificate in one. */
export const CLAIMED_CERTIFICATE = "client_certificate_header_untrusted";

export type DenialCount = {
  code: string;
  /** The network the callers came from: an IPv4 /24 or IPv6 /48. */
  source: string;
  /** DID of the agent, where the certificate was one's. */
  agent: string | null;
  count: number;
  firstAt: string;
  lastAt: string;
};

/**
 * Keeps refusals from flooding the log: an agent has a budget of records of its own, and everything beyond it,
 * and all callers who proved nothing, are counted until `take` empties the counters into one record.
 */
export function createDenials() {
  const counts = new Map<string, DenialCount>();
  const budgets = new Map<string, { startedMs: number; signed: number; unsigned: number }>();

  function count(denial: { agent: LiveAgent | null; code: string; sourceIp: string }, now: Date): void {
    const agent = denial.agent?.did ?? null;
    const source = networkOf(denial.sourceIp);
    const wanted = `${denial.code} ${source} ${agent}`;
    const room = counts.has(wanted) || counts.size < COUNTERS_MAX;
    const key = room ? wanted : "other";
    const at = now.toISOString();
    const held = counts.get(key);
    if (held) {
      held.count += 1;
      held.lastAt = at;
    } else if (room) counts.set(key, { code: denial.code, source, agent, count: 1, firstAt: at, lastAt: at });
    else counts.set(key, { code: "other", source: "other", agent: null, count: 1, firstAt: at, lastAt: at });
  }

  return {
    count,
    /** Whether this refusal may have a record of its own; when not, it has been counted. */
    mayRecord(
      denial: { agent: LiveAgent | null; code: string; sourceIp: string; signed: boolean },
      now: Date,
    ): boolean {
      if (denial.agent) {
        const held = budgets.get(denial.agent.id);
        const budget =
          held && now.getTime() - held.startedMs < SPAN_MS && now.getTime() >= held.startedMs
            ? held
            : { startedMs: now.getTime(), signed: 0, unsigned: 0 };
        budgets.set(denial.agent.id, budget);
        const kind = denial.signed ? "signed" : "unsigned";
        budget[kind] += 1;
        if (budget[kind] <= RECORDS_PER_SPAN[kind]) return true;
      }
      count(denial, now);
      return false;
    },
    /** Empties the counters. */
    take(): DenialCount[] {
      const taken = [...counts.values()];
      counts.clear();
      return taken;
    },
    /** Puts counts back that could not be written. */
    putBack(taken: readonly DenialCount[]): void {
      for (const it of taken) {
        const key = it.code === "other" ? "other" : `${it.code} ${it.source} ${it.agent}`;
        const held = counts.get(key);
        counts.set(key, held ? { ...held, count: held.count + it.count, firstAt: it.firstAt } : it);
      }
    },
  };
}

export type Denials = ReturnType<typeof createDenials>;

/** The network of an address, coarse enough to be counted: `192.0.2.0/24`, `2001:db8:1::/48`. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIP(plain) === 4) return `${plain.split(".").slice(0, 3).join(".")}.0/24`;
  if (isIP(plain) !== 6) return "unknown";
  const [head = "", tail] = (plain.split("%")[0] ?? "").split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill("0"), ...right];
  return `${groups
    .slice(0, 3)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/48`;
}
