import type { Anchor } from "./check-checkpoint.ts";
import type { Findings } from "./findings.ts";
import { appendLeaf, type Frontier, rootOf } from "./merkle.ts";

/** How far the entries were held against signed roots. */
export type TreeResult = { matchedSize: number; matched: number; unmatched: number };

/**
 * Grows the tree along with the walk and holds it against each signed root. Where entries are missing the tree
 * is taken up again at the next checkpoint, whose stored tree its signed root proves: damage in one stretch
 * does not hide what is behind it.
 */
export function createTreeCheck(start: Frontier | null, findings: Findings) {
  let frontier = start && copyOf(start);
  /** Where the stretch that is not yet matched begins. */
  let from = start?.size ?? 0;
  let copiedFrom = from;
  /** Whether a finding in this stretch already says why its root will differ. */
  let altered = false;
  let waiting: Anchor[] = [];
  const result: TreeResult = { matchedSize: from, matched: 0, unmatched: 0 };

  const fork = (after: number, anchor: Anchor) =>
    findings.add({
      class: "fork",
      fromSeq: after + 1,
      toSeq: anchor.size,
      recordId: null,
      detail: `Some of these entries are not those that were signed${
        anchor.source === "copy" ? " in the copy outside the database" : ""
      } with checkpoint ${anchor.size}.`,
    });

  const compare = (anchor: Anchor) => {
    const known = frontier?.size === anchor.size ? rootOf(frontier) : null;
    const same = known?.equals(anchor.root) ?? false;
    if (same) {
      result.matched += 1;
      result.matchedSize = anchor.size;
    } else {
      result.unmatched += 1;
      if (known && !altered) fork(anchor.source === "copy" ? copiedFrom : from, anchor);
    }
    if (anchor.source === "copy") {
      copiedFrom = anchor.size;
      return;
    }
    frontier = same ? frontier : anchor.frontier && copyOf(anchor.frontier);
    from = anchor.size;
    altered = false;
  };

  /** Roots whose last entry is not there: not compared, but the tree can be taken up behind them. */
  const skip = (anchor: Anchor) => {
    result.unmatched += 1;
    if (anchor.source === "copy") return;
    frontier = anchor.frontier && copyOf(anchor.frontier);
    from = anchor.size;
    altered = false;
  };

  const next = (test: (anchor: Anchor) => boolean): Anchor | undefined =>
    waiting[0] && test(waiting[0]) ? waiting.shift() : undefined;

  return {
    /** Signed roots to come, in order of their size; stored ones before copies of the same size. */
    meet: (anchors: readonly Anchor[]): void => {
      waiting = [...waiting, ...anchors].sort(
        (a, b) => a.size - b.size || (a.source === b.source ? 0 : a.source === "database" ? -1 : 1),
      );
    },
    append: (number: number, leaf: Buffer | null, changed: boolean): void => {
      for (let anchor = next((it) => it.size < number); anchor; anchor = next((it) => it.size < number))
        skip(anchor);
      if (changed) altered = true;
      if (leaf && frontier?.size === number - 1) appendLeaf(frontier, leaf);
      else frontier = null;
      for (let anchor = next((it) => it.size === number); anchor; anchor = next((it) => it.size === number))
        compare(anchor);
    },
    end: (last: number): TreeResult => {
      const cut = waiting[waiting.length - 1];
      if (cut && cut.size > last)
        findings.add({
          class: "cut-tail",
          fromSeq: last + 1,
          toSeq: cut.size,
          recordId: null,
          detail: `The chain ends at ${last}, yet ${cut.size} entries were signed${
            cut.source === "copy" ? " and copied outside the database" : ""
          }: its end was cut, or an old backup was put back.`,
        });
      result.unmatched += waiting.length;
      return result;
    },
  };
}

const copyOf = ({ size, nodes }: Frontier): Frontier => ({ size, nodes: [...nodes] });
