import { and, eq, gt, sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { certificateRequests } from "../../../db/schema/index.ts";
import { VigilError } from "../../kernel/errors.ts";

const REQUESTS_A_MINUTE_MAX = 20;

/** One agent cannot keep the authorities busy. @throws VigilError `too_many_requests` (429). */
export async function refuseRequestFlood(db: Database, asked: { agentId: string; now: Date }): Promise<void> {
  const since = new Date(asked.now.getTime() - 60_000);
  const [row] = await db
    .select({ count: sql<number>`count(*)::int` })
    .from(certificateRequests)
    .where(and(eq(certificateRequests.agentId, asked.agentId), gt(certificateRequests.requestedAt, since)));
  if ((row?.count ?? 0) >= REQUESTS_A_MINUTE_MAX)
    throw new VigilError(
      "too_many_requests",
      429,
      `An agent may ask for ${REQUESTS_A_MINUTE_MAX} certificates a minute. Wait a minute.`,
    );
}
