import type { Finding } from "../schema.ts";

type FindingClass = Finding["class"];

/** Ranges kept at most; what is found beyond is counted. */
export const FINDINGS_MAX = 1_000;

/** What one entry shows. `weak` marks a broken hash alone, which a misplaced neighbour may explain. */
export type Found = {
  class: FindingClass;
  fromSeq: number;
  toSeq: number;
  recordId: string | null;
  detail: string;
  weak?: boolean;
};

type Range = Found & { count: number };

/** Findings of one verification: neighbours of one class join into a range that keeps its first detail. */
export type Findings = {
  add: (found: Found) => void;
  /** Lowest number first. */
  list: () => Finding[];
  /** How many ranges were found beyond the limit and are only counted. */
  dropped: () => number;
};

/** An empty collection of findings. */
export function createFindings(): Findings {
  const ranges: Range[] = [];
  const newest = new Map<FindingClass, Range>();
  let dropped = 0;

  return {
    add: (found) => {
      const range = newest.get(found.class);
      if (range && found.fromSeq <= range.toSeq + 1 && found.toSeq >= range.fromSeq - 1) {
        range.fromSeq = Math.min(range.fromSeq, found.fromSeq);
        range.toSeq = Math.max(range.toSeq, found.toSeq);
        range.weak = Boolean(range.weak && found.weak);
        range.count += 1;
        return;
      }
      if (ranges.length === FINDINGS_MAX) {
        dropped += 1;
        return;
      }
      const made = { ...found, count: 1 };
      ranges.push(made);
      newest.set(found.class, made);
    },
    list: () =>
      joinMisplaced(ranges)
        .sort((a, b) => a.fromSeq - b.fromSeq || a.toSeq - b.toSeq)
        .map(({ class: kind, fromSeq, toSeq, recordId, detail, count }) => ({
          class: kind,
          fromSeq,
          toSeq,
          recordId,
          detail: count === 1 ? detail : `${detail} The same holds for others up to entry ${toSeq}.`,
        })),
    dropped: () => dropped,
  };
}

/** The first of two swapped entries shows as a broken hash, the second as out of order: they are one reorder. */
function joinMisplaced(ranges: readonly Range[]): Range[] {
  const joined: Range[] = [];
  const misplaced = ranges.filter((range) => range.class === "reorder").map((range) => ({ ...range }));
  for (const range of ranges) {
    if (range.class === "reorder") continue;
    const beside =
      range.class === "edit" && range.weak
        ? misplaced.find((other) => range.toSeq + 1 >= other.fromSeq && range.fromSeq <= other.toSeq + 1)
        : undefined;
    if (!beside) joined.push(range);
    else if (range.fromSeq < beside.fromSeq)
      Object.assign(beside, { fromSeq: range.fromSeq, recordId: range.recordId });
    else beside.toSeq = Math.max(beside.toSeq, range.toSeq);
  }
  return [...joined, ...misplaced];
}
