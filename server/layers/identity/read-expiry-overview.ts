import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { EXPIRY_BUCKETS, type ExpiryOverview, PURPOSES, RENEWAL_STATES } from "./schema.ts";
import { countRenewals } from "./store-renewals.ts";

/** How many credentials end how soon, by purpose, and how their renewals stand. Every bucket is there, empty or not. */
export async function readExpiryOverview(ctx: VerbContext): Promise<ExpiryOverview> {
  requirePermission(ctx.actor, "agents.read");
  const counted = await countRenewals(ctx.db, ctx.now);
  const sum = (rows: typeof counted) => rows.reduce((total, row) => total + row.count, 0);
  return {
    buckets: PURPOSES.flatMap((purpose) =>
      EXPIRY_BUCKETS.map((bucket) => ({
        purpose,
        bucket,
        count: sum(counted.filter((row) => row.purpose === purpose && row.bucket === bucket)),
      })),
    ),
    states: Object.fromEntries(
      RENEWAL_STATES.map((state) => [state, sum(counted.filter((row) => row.state === state))]),
    ) as ExpiryOverview["states"],
    neverRenewed: sum(counted.filter((row) => row.neverRenewed)),
  };
}
