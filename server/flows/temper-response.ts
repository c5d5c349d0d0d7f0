import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";
import type { AssessedAgent } from "../layers/monitoring/assess-agents.ts";
import { type TemperFacts, temper } from "../layers/monitoring/engine/temper.ts";
import { coolDownsOf, forbiddingAlerts, maintenanceOf } from "../layers/monitoring/temper-store.ts";
import { consultApprovals } from "./consult-approvals.ts";

/**
 * Consults what people planned, approved and released before an agent is contained by its score, and makes a limit of
 * it where they explain it (`engine/temper.ts`). Everything else stays as it was decided, and costs nothing here. Where
 * it cannot be consulted the agent is contained, and the checks say so.
 */
export async function temperResponse(
  { db, now, log }: { db: Database; now: Date; log: Pick<Logger, "error"> },
  assessed: AssessedAgent,
): Promise<AssessedAgent> {
  const { agent, assessment } = assessed;
  if (assessment.decision.outcome !== "contain" || agent.contained) return assessed;
  const decide = (decision: typeof assessment.decision) => ({
    ...assessed,
    assessment: { ...assessment, decision },
  });
  try {
    const each = await consult(db, assessed, now);
    const tempered = each.map((facts) => temper(assessment.decision, facts));
    return decide(
      tempered.find(({ outcome }) => outcome === "contain") ?? tempered[0] ?? assessment.decision,
    );
  } catch (error) {
    log.error({ err: error, agent: agent.name }, "what was planned and approved could not be consulted");
    const check = {
      id: "consulted",
      passed: false,
      detail: "What was planned and approved could not be consulted; it is contained all the same.",
    };
    return decide({ ...assessment.decision, checks: [...assessment.decision.checks, check] });
  }
}

/** For each window that calls for containing, what is consulted: the highest explained must hide no other. */
async function consult(db: Database, assessed: AssessedAgent, now: Date): Promise<TemperFacts[]> {
  const { agent, assessment } = assessed;
  const { agentId, response: stored } = agent;
  const windows = assessment.containing ?? [];
  const ends = windows.map(({ endMs }) => endMs);
  const [maintenance, coolDowns, forbidding, approvals] = await Promise.all([
    maintenanceOf(db, agentId, now),
    coolDownsOf(db, agentId, now),
    forbiddingAlerts(db, agentId, now),
    consultApprovals(db, agent, ends, now),
  ]);
  return windows.map(({ score, contributions }, i) => ({
    ...{ stored, score, contributions, nowMs: now.getTime() },
    ...{ maintenance, coolDowns, forbidding, approvals: approvals[i] ?? [] },
  }));
}
