import type { Database, Tx } from "../../db/client.ts";
import { enqueueDelivery } from "../integrations/outbox/enqueue-delivery.ts";
import type { Actor } from "../kernel/actor.ts";
import { alertOfResponse } from "../layers/monitoring/answered-store.ts";
import type { AssessedAgent } from "../layers/monitoring/assess-agents.ts";
import { heightsOf } from "../layers/monitoring/engine/temper.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";
import { FEATURES, RESPONSE_THRESHOLDS } from "../layers/monitoring/schema.ts";
import { containAgent } from "./contain-agent.ts";
import { liftLimit } from "./lift-limit.ts";
import { limitAgent } from "./limit-agent.ts";

/** A standing alarm counts once a minute. */
const QUIET_MS = 60_000;
const RULE = "behaviour-score";
const LIMIT_MIN = 10;
const LIMIT_WITHOUT_BASELINE = 60;

/**
 * Does what an assessment has decided (seed, module 5): above 0.9 the agent is contained and an alert raised, above 0.7
 * it is limited with an alert, and when it has calmed down its limit is lifted. Doing it twice changes nothing more.
 *
 * @param fence called first in every transaction of the response itself.
 */
export async function respondToScore(
  ctx: { db: Database; actor: Actor; now: Date },
  assessed: AssessedAgent,
  fence: (tx: Tx) => Promise<void>,
): Promise<void> {
  const { agent, assessment } = assessed;
  const { outcome, changed } = assessment.decision;
  const { score, contributions } = assessment;
  const instead = assessment.decision.insteadOfContain;
  const { agentId } = agent;
  const act = <T>(work: (tx: Tx) => Promise<T>) =>
    ctx.db.transaction(async (tx) => {
      await fence(tx);
      return work(tx);
    });
  if (outcome === "contain" && !agent.contained) {
    const alertId = await act(
      async (tx) => (await alreadyRaised(tx, assessed)) ?? (await raise(tx, ctx, assessed)).alertId,
    );
    await containAgent(ctx, {
      ...{ agentId, reason: reasonOf(assessed), alertId, score, contributions },
      scoredBy: {
        scorer: assessment.scorer,
        baselineId: agent.baselineId,
        baselineVersion: agent.baselineVersion,
      },
    });
  } else if (outcome === "limit" && score > RESPONSE_THRESHOLDS.limit) {
    await act(async (tx) => {
      if (await alreadyRaised(tx, assessed)) return;
      const { alertId, isNew } = await raise(tx, ctx, assessed);
      if (changed)
        await limitAgent(tx, {
          agentId,
          limitPerMinute: limitOf(assessed),
          reason: reasonOf(assessed),
          ...who(ctx),
        });
      if (instead && (changed || isNew)) await page(tx, ctx, { agent, alertId, score, why: instead });
    });
  } else if (changed && agent.response?.level === "limit" && outcome !== "contain") {
    await act((tx) => liftLimit(tx, { agentId, reason: "its score has been calm", ...who(ctx) }));
  }
}

/** Whether an assessment asks for anything to be done beyond being stored. */
export function callsForResponse({ agent, assessment }: AssessedAgent): boolean {
  const { outcome, changed } = assessment.decision;
  if (assessment.held) return false;
  if (outcome === "contain") return !agent.contained;
  if (outcome === "limit") return assessment.score > RESPONSE_THRESHOLDS.limit;
  return changed && agent.response?.level === "limit";
}

/** The alert and the limit are one transaction: whoever finds the one need not set the other. */
function alreadyRaised(tx: Tx, { agent, assessment }: AssessedAgent): Promise<string | null> {
  const response = assessment.decision.outcome;
  return alertOfResponse(tx, { agentId: agent.agentId, rule: RULE, windowEnd: endOf(assessment), response });
}

const endOf = ({ windowEndMs }: AssessedAgent["assessment"]) =>
  windowEndMs === null ? null : new Date(windowEndMs).toISOString();

function raise(tx: Tx, ctx: { actor: Actor; now: Date }, { agent, assessment }: AssessedAgent) {
  const { score, contributions, decision } = assessment;
  const named = contributions.filter(({ flag }) => flag !== null).slice(0, 4);
  const titles = named.map(({ feature }) => FEATURES.find(({ key }) => key === feature)?.title ?? feature);
  return raiseAlert(tx, {
    agentId: agent.agentId,
    kind: "behaviour",
    rule: RULE,
    cause: `behaviour/${named[0]?.feature ?? "many"}`,
    severity: decision.outcome === "contain" || decision.insteadOfContain ? "critical" : "high",
    title: `${agent.name} behaves unusually: ${titles.join(", ") || "many small deviations"}`,
    detail: {
      score,
      contributions,
      response: decision.outcome,
      ...(decision.insteadOfContain && { insteadOfContain: decision.insteadOfContain }),
      checks: decision.checks,
      heights: heightsOf(assessment.containing ?? []),
      scorer: assessment.scorer,
      baselineId: agent.baselineId,
      baselineVersion: agent.baselineVersion,
      windowEnd: endOf(assessment),
    },
    score,
    quietMs: decision.changed ? 0 : QUIET_MS,
    ...who(ctx),
  });
}

/** Somebody is told at once that an agent runs on, limited, which its score would have contained. */
async function page(
  tx: Tx,
  { now }: { now: Date },
  of: { agent: AssessedAgent["agent"]; alertId: string; score: number; why: string },
): Promise<void> {
  const { agent, alertId, score, why } = of;
  const body = { alertId, agent: agent.did, score, why };
  await enqueueDelivery(tx, { topic: "agent.limited_instead", body, now });
}

function who({ actor, now }: { actor: Actor; now: Date }) {
  return { actor, now };
}

function reasonOf({ assessment: { score, contributions } }: AssessedAgent): string {
  const words = contributions.filter(({ flag }) => flag !== null).map((c) => c.words);
  // Cut, not rounded: 0.9996 is shown as 0.99 everywhere, and never as certainty.
  return `behaviour score ${(Math.floor(score * 100) / 100).toFixed(2)}${words.length > 0 ? `: ${words.slice(0, 4).join("; ")}` : ""}`;
}

/** What the agent usually does at most at this hour; that many requests cannot carry more than before. */
function limitOf({ assessment: { contributions } }: AssessedAgent): number {
  const calls = contributions.find(
    ({ feature, deviations }) => feature === "apiCallsPerMinute" && deviations > 0,
  );
  return Math.max(LIMIT_MIN, Math.round(calls?.expected.high ?? LIMIT_WITHOUT_BASELINE));
}
