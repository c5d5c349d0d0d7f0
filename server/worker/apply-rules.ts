import { answerFiring, wasAnsweredMeanwhile } from "../flows/answer-firing.ts";
import { liftLimit } from "../flows/lift-limit.ts";
import type { Actor } from "../kernel/actor.ts";
import { compiledRules, type RulesMemory } from "../layers/monitoring/current-rules.ts";
import { type AgentFiring, findRuleFirings } from "../layers/monitoring/find-rule-firings.ts";
import { markRuled, unruledSlices } from "../layers/monitoring/rule-slices-store.ts";
import { calmLimited } from "../layers/monitoring/rule-views-store.ts";
import type { Duty, DutyContext } from "./duty.ts";
import { holdLease } from "./lease.ts";

const SLICES_MAX = 1_000;
/** A limit that a rule set ends when no rule has fired for the agent for so long. */
const CALM_MS = 30 * 60_000;
const ACTOR: Actor = { type: "system", id: "rules" };

const memory: RulesMemory = { known: null };

/**
 * Applies the rules over a span to slices that have grown, each second or as soon as the fold is done. Each firing is
 * answered in a transaction of its own, and the slices are marked when all are: a worker that was killed in between
 * finds again what it had found, and what was answered is not answered twice. What failed is tried again.
 */
export const applyRules: Duty = {
  name: "apply-rules",
  everyMs: 1_000,
  wakes: ["window", "rules"],
  restMs: 500,
  run: async (context) => {
    const { db, lease, publish } = context;
    await endLimits(context);
    const fresh = await unruledSlices(db, SLICES_MAX);
    if (fresh.length === 0) return { more: false };
    const rules = await compiledRules(db, memory);
    const firings = await findRuleFirings(db, rules, fresh);
    const failed = new Set<string>();
    let answered = 0;
    for (const firing of firings)
      try {
        if (await answer(context, firing, rules.version)) answered++;
      } catch (error) {
        if ((error as { code?: string }).code === "lease_lost") throw error;
        if (wasAnsweredMeanwhile(error)) continue;
        failed.add(firing.agent.id);
        context.log.error(
          { err: error, rule: firing.rule, agent: firing.agent.name },
          "a rule that fired could not be answered; it is tried again",
        );
      }
    const done = fresh.filter(({ agentId }) => !failed.has(agentId));
    await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      await markRuled(tx, done);
    });
    publish({ slices: fresh.length, fired: answered, failed: failed.size, version: rules.version });
    return { more: fresh.length === SLICES_MAX && done.length > 0 };
  },
};

function answer({ db, lease, now }: DutyContext, firing: AgentFiring, version: number): Promise<boolean> {
  return db.transaction(async (tx) => {
    await holdLease(tx, lease);
    return answerFiring(tx, { firing, version, actor: ACTOR, now });
  });
}

async function endLimits({ db, lease, now }: DutyContext): Promise<void> {
  for (const agentId of await calmLimited(db, ACTOR.id, new Date(now.getTime() - CALM_MS)))
    await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      await liftLimit(tx, { agentId, reason: "no rule has fired for half an hour", actor: ACTOR, now });
    });
}
