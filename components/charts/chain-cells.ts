export type ChainCell = "provable" | "chained" | "durable" | "broken";

/** How far the audit chain has come: entries proved by a checkpoint, chained beyond it, durable but not chained. */
export type ChainCounts = { provable: number; chained: number; durable: number };

/**
 * The chain as a band of `cells`: the tail at the right is drawn on a logarithmic scale, since a handful of
 * waiting records beside a million must still be seen. A state that holds any record has at least one cell.
 */
export function chainCells(counts: ChainCounts, cells = 56): ChainCell[] {
  const width = (count: number) => (count <= 0 ? 0 : Math.min(10, 1 + Math.floor(Math.log10(count) * 2)));
  const durable = width(counts.durable);
  const chained = width(counts.chained);
  const provable = counts.provable > 0 ? cells - durable - chained : 0;
  return [
    ...Array<ChainCell>(provable).fill("provable"),
    ...Array<ChainCell>(chained).fill("chained"),
    ...Array<ChainCell>(durable).fill("durable"),
  ];
}
