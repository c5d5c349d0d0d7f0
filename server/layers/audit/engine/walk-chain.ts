import { entryHash, entryHashes } from "./chain.ts";
import type { Anchor } from "./check-checkpoint.ts";
import { createTreeCheck } from "./check-tree.ts";
import type { Findings, Found } from "./findings.ts";
import type { Frontier } from "./merkle.ts";

/** An entry as it is stored, with what its record turned out to be. */
export type WalkedEntry = {
  seq: number;
  recordId: string;
  xid: string;
  ord: number;
  prevHash: Buffer;
  hash: Buffer;
  chainedAtMs: number;
  /** Null where the record is missing. `problem` is what is wrong with the record itself. */
  record: { xid: string; ord: number; atMs: number; digest: Buffer; problem: string | null } | null;
};

/** Where a walk begins: behind this entry. A null hash or tree is not known, and nothing is held against it. */
export type WalkStart = { seq: number; hash: Buffer | null; frontier: Frontier | null };

/** A record is stamped before it is chained; clocks of two machines may differ by this much. */
const AHEAD_MS_MAX = 5_000;
/** A record may commit this long after one that was stamped later: slow transactions and clocks that differ. */
const BACK_MS_MAX = 60_000;
/** How many inserted or removed entries a renumbering is recognised over. */
const SHIFT_MAX = 16;

/**
 * Walks the chain in order and finds everything that is not as it was chained; it stops at nothing. `meet`
 * says which signed roots the entries will be held against, and comes before the entries that they cover.
 */
export function walkChain(start: WalkStart, findings: Findings) {
  const tree = createTreeCheck(start.frontier, findings);
  let last = start.seq;
  let lastHash = start.hash;
  let lastRecordId: string | null = null;
  let lastGood = true;
  let place: { xid: string; ord: number } | null = null;
  let stampedMs = Number.NEGATIVE_INFINITY;
  let chainedMs = Number.NEGATIVE_INFINITY;
  let shift = 0;

  /** By how many places the numbers behind an insertion or removal were moved, if that explains this entry. */
  const renumberedBy = (entry: WalkedEntry, digest: Buffer): number => {
    for (let by = 1; by <= SHIFT_MAX; by++)
      for (const moved of [by, -by])
        if (entryHash(entry.seq - shift - moved, entry.prevHash, digest).equals(entry.hash)) return moved;
    return 0;
  };

  const judge = (
    entry: WalkedEntry,
  ): {
    found: Omit<Found, "fromSeq" | "toSeq" | "recordId"> | null;
    leaf: Buffer | null;
    altered: boolean;
  } => {
    const { record } = entry;
    if (!record)
      return {
        found: { class: "delete", detail: "The record of this entry is missing." },
        leaf: null,
        altered: true,
      };
    let hashes = entryHashes(entry.seq - shift, entry.prevHash, record.digest);
    let moved = 0;
    if (!hashes.entry.equals(entry.hash) && !record.problem && lastGood) {
      moved = renumberedBy(entry, record.digest);
      if (moved !== 0) {
        shift += moved;
        hashes = entryHashes(entry.seq - shift, entry.prevHash, record.digest);
        findings.add(renumbering(entry.seq, moved, lastRecordId));
      }
    }
    const hashed = hashes.entry.equals(entry.hash);
    const linked = lastHash === null || moved !== 0 || entry.prevHash.equals(lastHash);
    const inPlace = record.xid === entry.xid && record.ord === entry.ord;
    const inOrder = moved !== 0 || place === null || isBefore(place, record);
    const result = (found: Omit<Found, "fromSeq" | "toSeq" | "recordId"> | null) => ({
      found,
      leaf: hashes.leaf,
      altered: !hashed || !linked,
    });
    if (record.problem) return result({ class: "edit", detail: record.problem });
    if (!inPlace || !inOrder)
      return result({
        class: "reorder",
        detail: "The record is not in the place that its transaction gave it.",
      });
    if (!hashed)
      return result({
        class: "edit",
        weak: true,
        detail: "The entry's number, predecessor, record or hash was changed.",
      });
    if (!linked)
      return result({
        class: "fork",
        detail: `It does not follow entry ${last}: its predecessor is another.`,
      });
    return result(clockProblem(entry, record.atMs));
  };

  const clockProblem = (
    entry: WalkedEntry,
    atMs: number,
  ): Omit<Found, "fromSeq" | "toSeq" | "recordId"> | null => {
    if (atMs > entry.chainedAtMs + AHEAD_MS_MAX)
      return {
        class: "clock",
        detail: `It says ${iso(atMs)}, yet was chained at ${iso(entry.chainedAtMs)}.`,
      };
    if (entry.chainedAtMs < chainedMs - AHEAD_MS_MAX)
      return {
        class: "clock",
        detail: `It was chained at ${iso(entry.chainedAtMs)}, behind one chained at ${iso(chainedMs)}.`,
      };
    const back = atMs < stampedMs - BACK_MS_MAX;
    const detail = `It says ${iso(atMs)}, behind one that says ${iso(stampedMs)}.`;
    stampedMs = Math.max(stampedMs, atMs);
    chainedMs = Math.max(chainedMs, entry.chainedAtMs);
    return back ? { class: "clock", detail } : null;
  };

  const take = (entry: WalkedEntry): void => {
    if (entry.seq > last + 1) {
      findings.add({
        class: "delete",
        fromSeq: last + 1,
        toSeq: entry.seq - 1,
        recordId: null,
        detail: "The entries of these numbers are missing.",
      });
      lastHash = null;
    }
    const { found, leaf, altered } = judge(entry);
    const range = { fromSeq: entry.seq, toSeq: entry.seq, recordId: entry.recordId };
    if (found) findings.add({ ...range, ...found });
    tree.append(entry.seq - shift, leaf, altered);
    lastGood = found === null;
    last = entry.seq;
    lastHash = entry.hash;
    lastRecordId = entry.recordId;
    place = { xid: entry.xid, ord: entry.ord };
  };

  return {
    meet: (anchors: readonly Anchor[]) => tree.meet(anchors),
    take,
    /** After the last entry: what was signed beyond it was cut off. @returns how far signed roots were matched. */
    end: () => tree.end(last - shift),
  };
}

function renumbering(seq: number, moved: number, before: string | null): Found {
  return moved > 0
    ? {
        class: "insert",
        fromSeq: seq - moved,
        toSeq: seq - 1,
        recordId: before,
        detail: `${moved} ${moved === 1 ? "entry was" : "entries were"} put in and those behind renumbered.`,
      }
    : {
        class: "delete",
        fromSeq: seq,
        toSeq: seq,
        recordId: null,
        detail: `${-moved} ${moved === -1 ? "entry was" : "entries were"} taken out in front of this one and those behind renumbered.`,
      };
}

/** Whether one place in commit order comes before another: transaction, then order within it. */
export function isBefore(a: { xid: string; ord: number }, b: { xid: string; ord: number }): boolean {
  if (a.xid === b.xid) return a.ord < b.ord;
  return a.xid.length === b.xid.length ? a.xid < b.xid : a.xid.length < b.xid.length;
}

/** PostgreSQL knows instants that JavaScript does not, `infinity` among them. */
const iso = (ms: number) => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms));
