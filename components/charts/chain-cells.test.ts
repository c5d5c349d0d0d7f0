import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chainCells } from "./chain-cells.ts";

const count = fc.nat({ max: 100_000_000 });

describe("the chain's band", () => {
  it("shows every state that holds a record, in the order of its becoming provable", () => {
    fc.assert(
      fc.property(count, count, count, (provable, chained, durable) => {
        const cells = chainCells({ provable, chained, durable });
        expect(cells.includes("provable")).toBe(provable > 0);
        expect(cells.includes("chained")).toBe(chained > 0);
        expect(cells.includes("durable")).toBe(durable > 0);
        expect([...cells].sort((a, b) => order(a) - order(b))).toEqual(cells);
        expect(cells.length).toBeLessThanOrEqual(56);
      }),
    );
  });

  it("an empty chain has no cell that claims proof", () => {
    expect(chainCells({ provable: 0, chained: 0, durable: 0 })).toEqual([]);
  });
});

const order = (cell: string) => ["provable", "chained", "durable"].indexOf(cell);
