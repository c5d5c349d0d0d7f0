import type { Database } from "../../db/client.ts";
import { appendRecord } from "../layers/audit/append.ts";
import type { DenialCount } from "./denials.ts";

/** Writes what was counted as one record `denials.aggregated`. Nothing is written where nothing was counted. */
export async function recordDenials(
  db: Database,
  gatewayId: string,
  counts: readonly DenialCount[],
  now: Date,
): Promise<void> {
  if (counts.length === 0) return;
  await db.transaction((tx) =>
    appendRecord(tx, {
      kind: "denials.aggregated",
      actor: { type: "system", id: "gateway" },
      now,
      outcome: "deny",
      details: { gatewayId, total: counts.reduce((sum, it) => sum + it.count, 0), counts },
    }),
  );
}
