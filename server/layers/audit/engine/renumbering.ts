import { entryHash } from "./chain.ts";
import type { Findings, Found } from "./findings.ts";

type Place = { xid: string; ord: number };
type Numbered = { seq: number; recordId: string; prevHash: Buffer; hash: Buffer };

/** How many inserted or removed entries a renumbering is recognised over. */
const SHIFT_MAX = 16;

/**
 * Tells insertion, removal and exchange apart where entries were given other numbers to hide it: an entry's
 * hash says which number it had. If those behind it are moved by as much, entries were put in or taken out; if
 * not, this one alone is out of its place.
 */
export function createRenumbering(findings: Findings) {
  let shift = 0;
  let before: string | null = null;
  let pending: { found: Found; misplaced: Found; shiftBefore: number; placeBefore: Place | null } | null =
    null;
  /** Numbers that misplaced entries had: whoever stands there now was exchanged with one of them. */
  const claimed = new Set<number>();

  const matches = (entry: Numbered, digest: Buffer, by: number) =>
    entryHash(entry.seq - by, entry.prevHash, digest).equals(entry.hash);

  const moveOf = (entry: Numbered, digest: Buffer): number => {
    for (let by = 1; by <= SHIFT_MAX; by++)
      for (const moved of [by, -by]) if (matches(entry, digest, shift + moved)) return moved;
    return 0;
  };

  return {
    numberOf: (seq: number) => seq - shift,
    /**
     * The number that an entry had when it was chained. `misplaced` says that the entry before was out of its
     * place, and what place was reached in front of it.
     */
    place: (entry: Numbered, digest: Buffer, facts: { searching: boolean; place: Place | null }) => {
      let misplaced: { placeBefore: Place | null } | null = null;
      const fits = matches(entry, digest, shift);
      if (pending && fits) {
        findings.add(pending.found);
        pending = null;
      } else if (pending) {
        findings.add(pending.misplaced);
        claimed.add(pending.misplaced.fromSeq - shift);
        misplaced = { placeBefore: pending.placeBefore };
        shift = pending.shiftBefore;
        pending = null;
      }
      const stays = fits || (misplaced !== null && matches(entry, digest, shift));
      const moved = stays || !(facts.searching || misplaced) ? 0 : moveOf(entry, digest);
      if (moved !== 0) {
        const placeBefore = misplaced ? misplaced.placeBefore : facts.place;
        pending = { ...namesOf(entry, moved, before), shiftBefore: shift, placeBefore };
        shift += moved;
      }
      before = entry.recordId;
      return { number: entry.seq - shift, isNew: moved !== 0, misplaced };
    },
    /** After the last entry: what was still open is reported. */
    end: (): void => {
      if (pending) findings.add(claimed.has(pending.misplaced.fromSeq) ? pending.misplaced : pending.found);
      pending = null;
    },
  };
}

function namesOf(
  { seq, recordId }: Numbered,
  moved: number,
  before: string | null,
): { found: Found; misplaced: Found } {
  const count = Math.abs(moved);
  const entries = count === 1 ? "1 entry was" : `${count} entries were`;
  return {
    found:
      moved > 0
        ? {
            class: "insert",
            fromSeq: seq - moved,
            toSeq: seq - 1,
            recordId: before,
            detail: `${entries} put in and those behind renumbered.`,
          }
        : {
            class: "delete",
            fromSeq: seq,
            toSeq: seq,
            recordId: null,
            detail: `${entries} taken out in front of this one and those behind renumbered.`,
          },
    misplaced: {
      class: "reorder",
      fromSeq: seq,
      toSeq: seq,
      recordId,
      detail: `This entry was chained as number ${seq - moved}.`,
    },
  };
}
