import { entryHashes } from "./chain.ts";
import type { Anchor } from "./check-checkpoint.ts";
import { createTreeCheck, type TreeResult } from "./check-tree.ts";
import type { Findings, Found } from "./findings.ts";
import type { Frontier } from "./merkle.ts";
import { createRenumbering } from "./renumbering.ts";

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

type Place = { xid: string; ord: number };
type Judged = { class: Found["class"]; detail: string; weak?: boolean } | null;

/** A record is stamped before it is chained; clocks of two machines may differ by this much. */
const AHEAD_MS_MAX = 5_000;
/** A record may commit this long after one that was stamped later: slow transactions and clocks that differ. */
const BACK_MS_MAX = 60_000;

/**
 * Walks the chain in order and finds everything that is not as it was chained; it stops at nothing. `meet`
 * says which signed roots the entries will be held against, and comes before the entries that they cover;
 * `end` comes after the last, and finds what was signed beyond it.
 */
export function walkChain(
  start: WalkStart,
  findings: Findings,
): {
  meet: (anchors: readonly Anchor[]) => void;
  take: (entry: WalkedEntry) => void;
  end: () => TreeResult;
} {
  const tree = createTreeCheck(start.frontier, findings);
  const renumbering = createRenumbering(findings);
  let last = start.seq;
  let lastHash = start.hash;
  let lastGood = true;
  let place: Place | null = null;
  let latest = { stampedMs: Number.NEGATIVE_INFINITY, chainedMs: Number.NEGATIVE_INFINITY };

  /** What is wrong with an entry whose record is there, worst first. */
  const judge = (entry: WalkedEntry, record: NonNullable<WalkedEntry["record"]>) => {
    const moved = renumbering.place(entry, record.digest, {
      searching: lastGood && record.problem === null,
      place,
    });
    if (moved.misplaced) [lastHash, place] = [null, moved.misplaced.placeBefore];
    const { entry: hash, leaf } = entryHashes(moved.number, entry.prevHash, record.digest);
    const hashed = hash.equals(entry.hash);
    const linked = lastHash === null || moved.isNew || entry.prevHash.equals(lastHash);
    const inPlace = record.xid === entry.xid && record.ord === entry.ord;
    const inOrder = place === null || moved.isNew || isBefore(place, record);
    let found: Judged = null;
    if (record.problem) found = { class: "edit", detail: record.problem };
    else if (!inPlace || !inOrder) found = { class: "reorder", detail: MISPLACED };
    else if (!hashed) found = { class: "edit", weak: true, detail: REHASHED };
    else if (!linked) found = { class: "fork", detail: `It does not follow entry ${last}, but another.` };
    else found = clockProblem(entry, record.atMs, latest);
    if (found === null || found.class === "clock")
      latest = {
        stampedMs: Math.max(latest.stampedMs, found ? latest.stampedMs : record.atMs),
        chainedMs: Math.max(latest.chainedMs, entry.chainedAtMs),
      };
    return { found, number: moved.number, leaf, altered: !hashed || !linked };
  };

  const take = (entry: WalkedEntry): void => {
    const { seq, recordId, xid, ord } = entry;
    if (seq > last + 1) {
      const range = { fromSeq: last + 1, toSeq: seq - 1, recordId: null };
      findings.add({ class: "delete", ...range, detail: "The entries of these numbers are missing." });
      lastHash = null;
    }
    const judged = entry.record
      ? judge(entry, entry.record)
      : {
          found: { class: "delete" as const, detail: "The record of this entry is missing." },
          number: renumbering.numberOf(seq),
          leaf: null,
          altered: true,
        };
    if (judged.found) findings.add({ fromSeq: seq, toSeq: seq, recordId, ...judged.found });
    tree.append(judged.number, judged.leaf, judged.altered);
    lastGood = judged.found === null;
    [last, lastHash, place] = [seq, entry.hash, { xid, ord }];
  };

  return {
    meet: tree.meet,
    take,
    end: () => {
      renumbering.end();
      return tree.end(renumbering.numberOf(last));
    },
  };
}

const MISPLACED = "The record is not in the place that its transaction gave it.";
const REHASHED = "The entry's number, predecessor, record or hash was changed.";

function clockProblem(
  { chainedAtMs }: WalkedEntry,
  atMs: number,
  latest: { stampedMs: number; chainedMs: number },
): Judged {
  const clock = (detail: string): Judged => ({ class: "clock", detail });
  if (atMs > chainedAtMs + AHEAD_MS_MAX)
    return clock(`It says ${iso(atMs)}, yet was chained at ${iso(chainedAtMs)}.`);
  if (chainedAtMs < latest.chainedMs - AHEAD_MS_MAX)
    return clock(`It was chained at ${iso(chainedAtMs)}, behind one chained at ${iso(latest.chainedMs)}.`);
  if (atMs < latest.stampedMs - BACK_MS_MAX)
    return clock(`It says ${iso(atMs)}, behind one that says ${iso(latest.stampedMs)}.`);
  return null;
}

/** Whether one place in commit order comes before another: transaction, then order within it. */
export function isBefore(a: Place, b: Place): boolean {
  if (a.xid === b.xid) return a.ord < b.ord;
  return a.xid.length === b.xid.length ? a.xid < b.xid : a.xid.length < b.xid.length;
}

/** PostgreSQL knows instants that JavaScript does not, `infinity` among them. */
const iso = (ms: number) => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms));
