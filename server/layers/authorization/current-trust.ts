import { and, count, eq, gt, gte, inArray, min, ne, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import {
  agents,
  alerts,
  containments,
  credentials,
  featureWindows,
  responseStates,
} from "../../../db/schema/index.ts";
import { type TrustScore, trustScore } from "./engine/trust-score.ts";

const DAY_MS = 86_400_000;
const STRANGE_ABOVE = 0.5;

/**
 * Trust in an agent now, 0 to 1, with the contributions that made it, from what the database holds of it.
 * An agent that does not exist is trusted not at all.
 */
export async function currentTrust(db: Database | Tx, agentId: string, now: Date): Promise<TrustScore> {
  const ago = (days: number) => new Date(now.getTime() - days * DAY_MS);
  const [agent] = await db.select({ ownerId: agents.ownerId }).from(agents).where(eq(agents.id, agentId));
  if (!agent) return { score: 0, contributions: [] };
  const [known] = await db
    .select({ since: min(featureWindows.at) })
    .from(featureWindows)
    .where(eq(featureWindows.agentId, agentId));
  const [week] = await db
    .select({
      windows: count(),
      strange: sql<number>`count(*) filter (where ${featureWindows.score} > ${STRANGE_ABOVE})`,
    })
    .from(featureWindows)
    .where(and(eq(featureWindows.agentId, agentId), gt(featureWindows.at, ago(7))));
  const [response] = await db
    .select({ score: responseStates.score })
    .from(responseStates)
    .where(eq(responseStates.agentId, agentId));
  const live = await db
    .selectDistinct({ purpose: credentials.purpose })
    .from(credentials)
    .where(
      and(eq(credentials.agentId, agentId), eq(credentials.status, "active"), gt(credentials.notAfter, now)),
    );
  const contained = await db
    .select({ at: containments.requestedAt })
    .from(containments)
    .where(and(eq(containments.agentId, agentId), gte(containments.requestedAt, ago(90))));
  const { confirmed, openSevere } = await alertFacts(db, agentId, ago(30));
  return trustScore(
    {
      knownSince: known?.since ?? null,
      windows: week?.windows ?? 0,
      strangeWindows: Number(week?.strange ?? 0),
      score: response?.score ?? null,
      liveCredentials: live.length,
      hasOwner: agent.ownerId !== null,
      containments: contained.map((row) => row.at),
      confirmedAlerts: confirmed,
      openSevereAlerts: openSevere,
    },
    now,
  );
}

async function alertFacts(
  db: Database | Tx,
  agentId: string,
  since: Date,
): Promise<{ confirmed: Date[]; openSevere: number }> {
  const confirmed = await db
    .select({ at: alerts.openedAt })
    .from(alerts)
    .where(
      and(eq(alerts.agentId, agentId), eq(alerts.disposition, "true-positive"), gte(alerts.openedAt, since)),
    );
  const [open] = await db
    .select({ severe: count() })
    .from(alerts)
    .where(
      and(
        eq(alerts.agentId, agentId),
        ne(alerts.status, "closed"),
        ne(alerts.kind, "authorization"),
        inArray(alerts.severity, ["high", "critical"]),
      ),
    );
  return { confirmed: confirmed.map((row) => row.at), openSevere: open?.severe ?? 0 };
}
