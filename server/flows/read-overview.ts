import { and, asc, desc, eq, isNotNull, isNull, ne, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { agents, alerts, clocks, incidents, responseStates } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { judgePosture, type LayerPosture, type PostureFacts } from "./overview/judge-posture.ts";
import { loadPostureFacts } from "./overview/load-posture-facts.ts";

const LISTED_MAX = 8;

/** The state of the bank's agents on one screen, measured at `measuredAt`. */
export type Overview = {
  measuredAt: Date;
  posture: LayerPosture[];
  facts: PostureFacts;
  clocks: Awaited<ReturnType<typeof runningClocks>>;
  unowned: Awaited<ReturnType<typeof unownedAlerts>>;
  riskiest: Awaited<ReturnType<typeof riskiestAgents>>;
};

/** What the first screen shows: the seven layers, the nearest deadlines, what nobody has taken, who to watch. */
export async function readOverview({ db, actor, now }: VerbContext): Promise<Overview> {
  requirePermission(actor, "agents.read");
  const [facts, nearest, unowned, riskiest] = await Promise.all([
    loadPostureFacts(db, now),
    runningClocks(db),
    unownedAlerts(db),
    riskiestAgents(db),
  ]);
  return {
    measuredAt: now,
    posture: judgePosture(facts, now),
    facts,
    clocks: nearest,
    unowned,
    riskiest,
  };
}

/** Running clocks, the nearest deadline first. */
function runningClocks(db: Database) {
  return db
    .select({
      id: clocks.id,
      incidentId: clocks.incidentId,
      incidentNumber: incidents.number,
      incidentTitle: incidents.title,
      drill: incidents.drill,
      regime: clocks.regime,
      recipient: clocks.recipient,
      anchorAt: clocks.anchorAt,
      dueAt: clocks.dueAt,
    })
    .from(clocks)
    .innerJoin(incidents, eq(incidents.id, clocks.incidentId))
    .where(eq(clocks.status, "running"))
    .orderBy(asc(clocks.dueAt))
    .limit(LISTED_MAX);
}

/** Open alerts that nobody has taken: the worst severity first, in it the oldest. */
function unownedAlerts(db: Database) {
  const rank = sql`case ${alerts.severity} when 'critical' then 0 when 'high' then 1 when 'medium' then 2 else 3 end`;
  return db
    .select({
      id: alerts.id,
      number: alerts.number,
      title: alerts.title,
      severity: alerts.severity,
      kind: alerts.kind,
      count: alerts.count,
      agentName: agents.name,
      openedAt: alerts.openedAt,
    })
    .from(alerts)
    .leftJoin(agents, eq(agents.id, alerts.agentId))
    .where(and(ne(alerts.status, "closed"), isNull(alerts.ownerId)))
    .orderBy(rank, asc(alerts.openedAt))
    .limit(LISTED_MAX);
}

/** Agents by their latest score, the highest first. */
function riskiestAgents(db: Database) {
  return db
    .select({
      id: agents.id,
      name: agents.name,
      title: agents.title,
      status: agents.status,
      score: responseStates.score,
      level: responseStates.level,
      scoredAt: responseStates.scoredAt,
    })
    .from(responseStates)
    .innerJoin(agents, eq(agents.id, responseStates.agentId))
    .where(and(isNotNull(responseStates.score), ne(agents.status, "retired")))
    .orderBy(desc(responseStates.score), asc(agents.name))
    .limit(LISTED_MAX);
}
