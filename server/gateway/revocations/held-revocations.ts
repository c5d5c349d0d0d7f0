import { REVOCATION_KEPT_MS } from "../../layers/authorization/revocation-schema.ts";
import type { Revocation } from "../../layers/authorization/revocation-store.ts";

/** Where a reader stopped: every transaction before `settled` was told, at the instant `atMs`. */
export type Cursor = { settled: bigint; atMs: number };

/** A reader that was away longer gets the present state anew. */
const RESUME_MS_MAX = 3_600_000;
/** Clocks of gateways may differ by this much. */
const AHEAD_MS_MAX = 60_000;
const CURSOR = /^([0-9]{1,20})\.([0-9]{1,15})$/;

/** The cursor as readers keep it (`Last-Event-ID`, `since`), and back; null where it is none of ours. */
export const writeCursor = ({ settled, atMs }: Cursor): string => `${settled}.${atMs}`;

export function readCursor(text: string): Cursor | null {
  const [, settled, atMs] = CURSOR.exec(text) ?? [];
  return settled === undefined ? null : { settled: BigInt(settled), atMs: Number(atMs) };
}

/**
 * What is revoked now, as one gateway holds it for all its readers. Written by transactions that may commit out of
 * their order, so a revocation is told as soon as it is seen, and a cursor stays before every one that may still come.
 */
export function createHeldRevocations() {
  const held = new Map<number, Revocation>();
  const standings = new Map<string, number>();
  let settled = 0n;
  let next = 0n;

  return {
    /** From which transaction on to read. */
    from: () => settled,
    /** Whether a read is of an earlier time than what is held: a backup was put back, and its numbers come again. */
    isBehind: (read: { next: bigint }): boolean => read.next < next,
    clear(): void {
      held.clear();
      standings.clear();
      settled = next = 0n;
    },
    /** Takes in what was read. @returns what was not held before, in order. */
    take(read: { settled: bigint; next: bigint; rows: readonly Revocation[] }): Revocation[] {
      const news = read.rows.filter(({ ord }) => !held.has(ord));
      for (const row of news) {
        if (row.event.kind === "agent") {
          held.delete(standings.get(row.agentId) ?? 0);
          standings.set(row.agentId, row.ord);
        }
        held.set(row.ord, row);
      }
      ({ settled, next } = read);
      return news;
    },
    /** Lets go of what has ended by itself, at whatever resource server. */
    forget(now: Date): void {
      const before = new Date(now.getTime() - REVOCATION_KEPT_MS);
      for (const [ord, row] of held) {
        if (row.endsAt === null || row.endsAt > before) continue;
        held.delete(ord);
        if (standings.get(row.agentId) === ord) standings.delete(row.agentId);
      }
    },
    /**
     * What a reader needs that stopped at `cursor`: all that came since, or, where it has none or one that is too old
     * or of another database, the whole present state (`isWhole`).
     */
    since(cursor: Cursor | null, now: Date): { isWhole: boolean; rows: Revocation[] } {
      const all = [...held.values()].sort((a, b) => a.ord - b.ord);
      const ageMs = cursor ? now.getTime() - cursor.atMs : Number.POSITIVE_INFINITY;
      if (!cursor || ageMs > RESUME_MS_MAX || ageMs < -AHEAD_MS_MAX || cursor.settled > next)
        return {
          isWhole: true,
          rows: all.filter(({ event }) => event.kind !== "agent" || event.why !== "released"),
        };
      return { isWhole: false, rows: all.filter(({ xid }) => xid >= cursor.settled) };
    },
    /** The cursor for whoever was told all that is held. */
    cursor: (now: Date): Cursor => ({ settled, atMs: now.getTime() }),
    count: () => held.size,
  };
}
