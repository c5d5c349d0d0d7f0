import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { ChainStateView } from "./schema.ts";
import { findDutyWords, findHeadEntry, findNewestCheckpoint, findUnchained } from "./store.ts";
import { findRun, viewOfRun } from "./verification-runs.ts";

/**
 * How far the log has come: committed, chained, signed; and what stands in its way.
 *
 * @throws ForbiddenError `not_permitted`.
 */
export async function readChainState(ctx: VerbContext): Promise<ChainStateView> {
  requirePermission(ctx.actor, "audit.read");
  const [head, checkpoint, words, run] = await Promise.all([
    findHeadEntry(ctx.db),
    findNewestCheckpoint(ctx.db),
    findDutyWords(ctx.db),
    findRun(ctx.db),
  ]);
  const unchained = await findUnchained(ctx.db, head ?? { xid: "0", ord: 0 });
  const chained = head?.seq ?? 0;
  const said = (key: "critical" | "holdup") =>
    words
      .flatMap((duties) => [duties["sequence-records"]?.[key], duties["sign-checkpoints"]?.[key]])
      .find((text) => typeof text === "string") ?? null;
  return {
    durable: chained + unchained.count,
    chained,
    provable: Math.min(checkpoint?.size ?? 0, chained),
    unchained: unchained.count,
    oldestUnchainedAt: unchained.oldestAt,
    headHash: head?.hash.toString("hex") ?? null,
    chainedAt: head?.chainedAt ?? null,
    checkpoint: checkpoint && {
      size: checkpoint.size,
      root: checkpoint.root.toString("hex"),
      at: checkpoint.at,
      keyId: checkpoint.keyId,
    },
    critical: said("critical") as string | null,
    holdup: said("holdup") as string | null,
    lastVerification: run && viewOfRun(run),
  };
}
