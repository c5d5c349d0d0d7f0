import { type Limits, meetLimits, readLimits } from "./engine/narrow-limits.ts";
import type { VoteRow } from "./store.ts";

/** What all who approved agree on, as their shortest time is the grant's: no wider than any of them said. */
export function agreedLimits(counting: readonly Pick<VoteRow, "limits">[]): Limits {
  return counting.map(({ limits }) => readLimits(limits)).reduce<Limits>(meetLimits, null);
}
