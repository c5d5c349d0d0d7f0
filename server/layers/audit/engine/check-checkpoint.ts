import type { NoteVerifier } from "../../../kernel/signed-note.ts";
import { readCheckpoint } from "./checkpoint.ts";
import type { Findings } from "./findings.ts";
import { type Frontier, readFrontier, rootOf } from "./merkle.ts";

/** A root that a trusted key has signed for a size: what the entries are held against. */
export type Anchor = { size: number; root: Buffer; frontier: Frontier | null; source: "database" | "copy" };

/** A checkpoint as it is stored or copied; all of it may have been changed. */
export type StatedCheckpoint = {
  size: number;
  root: Buffer;
  note: string;
  /** Null for a copy, which has none. */
  frontier: Buffer | null;
};

/**
 * Makes anchors of the stored checkpoints, smallest first: those that a trusted key signed, and whose row says
 * what was signed. The others become findings over the entries that they alone would cover.
 *
 * @param after size of the checkpoint before the first of these.
 */
export function anchorsOf(
  rows: readonly StatedCheckpoint[],
  verifiers: readonly NoteVerifier[],
  after: number,
  findings: Findings,
): Anchor[] {
  const anchors: Anchor[] = [];
  let before = after;
  for (const row of rows) {
    const range = { fromSeq: before + 1, toSeq: row.size, recordId: null };
    before = row.size;
    const { checkpoint, problem } = readCheckpoint(row.note, verifiers);
    if (problem) {
      findings.add({ class: "wrong-key", ...range, detail: `Checkpoint ${row.size}: ${problem.detail}` });
      continue;
    }
    if (checkpoint.size !== row.size || !checkpoint.root.equals(row.root)) {
      const detail = `Checkpoint ${row.size}: its row differs from what was signed (size ${checkpoint.size}).`;
      findings.add({ class: "edit", ...range, detail });
      continue;
    }
    const frontier = row.frontier ? readFrontier(row.size, row.frontier) : null;
    const whole = frontier !== null && rootOf(frontier).equals(row.root);
    if (!whole)
      findings.add({
        class: "edit",
        ...range,
        detail: `Checkpoint ${row.size}: the tree stored with it does not have the signed root.`,
      });
    anchors.push({
      size: row.size,
      root: row.root,
      frontier: whole ? frontier : null,
      source: "database",
    });
  }
  return anchors;
}

/** Anchors from a copy kept outside; what no trusted key signed proves nothing and is counted. */
export function anchorsOfCopy(
  copies: readonly Pick<StatedCheckpoint, "note">[],
  verifiers: readonly NoteVerifier[],
): { anchors: Anchor[]; untrusted: number } {
  const anchors = copies.flatMap(({ note }): Anchor[] => {
    const { checkpoint } = readCheckpoint(note, verifiers);
    return checkpoint
      ? [{ size: checkpoint.size, root: checkpoint.root, frontier: null, source: "copy" }]
      : [];
  });
  anchors.sort((a, b) => a.size - b.size);
  return { anchors, untrusted: copies.length - anchors.length };
}
