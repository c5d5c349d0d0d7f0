import { SLICE_MS } from "../slice.ts";
import type { StepCells } from "./cells.ts";
import type { Counted } from "./span-counts.ts";

type Use = { certificate: string; networks: Set<string>; firstMs: number; lastMs: number; n: number };

/**
 * Two certificates in use over the same time, from networks that have nothing in common. Where one of them is also
 * seen in a network of the other, it is one agent with several ways out, or a renewal: events that come later may so
 * explain what has fired.
 */
export function credentialUse(
  step: ReadonlyMap<number, StepCells>,
  startMs: number,
  endMs: number,
): Counted | null {
  const uses = [...usesIn(step, startMs, endMs).values()].sort((a, b) => a.firstMs - b.firstMs);
  for (const [i, one] of uses.entries())
    for (const other of uses.slice(i + 1)) {
      const overlap = other.firstMs <= one.lastMs && one.firstMs <= other.lastMs;
      if (!overlap || [...one.networks].some((network) => other.networks.has(network))) continue;
      return {
        firstMs: Math.min(one.firstMs, other.firstMs),
        lastMs: Math.max(one.lastMs, other.lastMs),
        counts: {
          certificates: uses.length,
          "one certificate": one.certificate,
          "its networks": [...one.networks].sort().join(", "),
          "its actions": one.n,
          "other certificate": other.certificate,
          "the other's networks": [...other.networks].sort().join(", "),
          "the other's actions": other.n,
        },
      };
    }
  return null;
}

function usesIn(step: ReadonlyMap<number, StepCells>, startMs: number, endMs: number): Map<string, Use> {
  const uses = new Map<string, Use>();
  for (let at = startMs; at <= endMs; at += SLICE_MS) {
    const parts = step.get(at);
    for (const part in parts) {
      const cell = parts[part];
      const space = part.indexOf(" ");
      if (!cell || space < 0) continue;
      const certificate = part.slice(0, space);
      const use = uses.get(certificate) ?? {
        ...{ certificate, networks: new Set(), n: 0 },
        ...{ firstMs: at + cell[2], lastMs: at + cell[3] },
      };
      use.networks.add(part.slice(space + 1));
      use.n += cell[0];
      use.firstMs = Math.min(use.firstMs, at + cell[2]);
      use.lastMs = Math.max(use.lastMs, at + cell[3]);
      uses.set(certificate, use);
    }
  }
  return uses;
}
