import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { appendRecord } from "../audit/append.ts";
import { overdueRuleProposals } from "./rule-proposal-store.ts";

/** Ends proposals of rules that nobody decided in time, in the caller's transaction. Time alone never approves. */
export async function expireRuleProposals(tx: Tx, now: Date): Promise<number> {
  const ended = await overdueRuleProposals(tx, now);
  for (const { id, digest, baseVersion, expiresAt } of ended) {
    await appendRecord(tx, {
      kind: "rules.proposal_expired",
      actor: { type: "system", id: "rules" },
      now,
      outcome: "deny",
      details: { proposalId: id, digest, baseVersion, expiredAt: expiresAt.toISOString() },
    });
    await notify(tx, "rules", id);
  }
  return ended.length;
}
