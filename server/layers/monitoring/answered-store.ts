import { and, eq, ne, sql } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { alerts } from "../../../db/schema/index.ts";

/**
 * The open alert that this response to this window has raised already, or null: a worker that died after it answered
 * and before it noted so answers once.
 */
export async function alertOfResponse(
  tx: Tx,
  asked: { agentId: string; rule: string; windowEnd: string | null; response: string },
): Promise<string | null> {
  const [row] = await tx
    .select({ id: alerts.id })
    .from(alerts)
    .where(
      and(
        ...[eq(alerts.agentId, asked.agentId), eq(alerts.rule, asked.rule), ne(alerts.status, "closed")],
        sql`${alerts.detail} ->> 'windowEnd' = ${asked.windowEnd}::text`,
        sql`${alerts.detail} ->> 'response' = ${asked.response}::text`,
      ),
    );
  return row?.id ?? null;
}
