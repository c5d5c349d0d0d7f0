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
    const facts = await consult(db, assessed, now);
    return decide(temper(assessment.decision, facts));
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

async function consult(db: Database, assessed: AssessedAgent, now: Date): Promise<TemperFacts> {
  const { agent, assessment } = assessed;
  const { agentId } = agent;
  const [maintenance, coolDowns, forbidding, approvals] = await Promise.all([
    maintenanceOf(db, agentId, now),
    coolDownsOf(db, agentId, now),
    forbiddingAlerts(db, agentId, now),
    consultApprovals(db, assessed, now),
  ]);
  const { score, contributions } = assessment;
  return {
    ...{ stored: agent.response, score, contributions, nowMs: now.getTime() },
    ...{ maintenance, coolDowns, forbidding, approvals },
  };
}
