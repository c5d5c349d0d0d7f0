import { type Limits, meetLimits, readLimits } from "./engine/narrow-limits.ts";
import type { ApprovalRow, VoteRow } from "./store.ts";

/** What was asked for and all who approved agree on: no wider than any of them said. */
export function agreedLimits(
  approval: Pick<ApprovalRow, "limits">,
  counting: readonly Pick<VoteRow, "limits">[],
): Limits {
  return [approval, ...counting].map(({ limits }) => readLimits(limits)).reduce<Limits>(meetLimits, null);
}
