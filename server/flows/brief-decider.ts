import { agentsAbove, agentsBelow } from "../../db/family.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import type { DeciderBrief } from "../layers/authorization/brief-schema.ts";
import { currentPolicy } from "../layers/authorization/current-policy.ts";
import { isAtMostAsWide, readLimits } from "../layers/authorization/engine/narrow-limits.ts";
import { ruleWords } from "../layers/authorization/engine/rule-words.ts";
import { agentByReference, approvalById, liveGrants } from "../layers/authorization/store.ts";
import { blastOf } from "./brief-decider/blast-of.ts";
import { conflictsOf } from "./brief-decider/conflicts-of.ts";
import { pastOf } from "./brief-decider/past-of.ts";
import { hoursSince, troubleSince } from "./brief-decider/store.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/**
 * What a person who decides on a request should know beside it: what a grant would change, how the agent did in
 * the last 24 hours, what became of such requests before, how far misuse would reach, and what in the decider's own
 * position to weigh. Read at this moment; the figures are measured, and what was not measured is said to be so.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `approval_unknown`.
 */
export async function briefDecider(ctx: VerbContext, { id }: { id: string }): Promise<DeciderBrief> {
  requirePermission(ctx.actor, "approvals.read");
  const { db, now } = ctx;
  const approval = await approvalById(db, id);
  const agent = await agentByReference(db, approval.agentId);
  const kin = { above: await agentsAbove(db, agent.id), below: await agentsBelow(db, agent.id) };
  const policy = await currentPolicy(db);
  const rule = policy.scopes.find(({ scope }) => scope === approval.scope) ?? null;
  // Whole hours, so that the first one of the chart is not a part of an hour.
  const from = new Date(Math.ceil((now.getTime() - DAY_MS) / HOUR_MS) * HOUR_MS);
  const hours = await hoursSince(db, agent.id, from);
  const live = (await liveGrants(db, [agent.id], now)).filter(({ scope }) => scope === approval.scope);
  const wanted = readLimits(approval.limits);
  const held = live.some(({ limits }) => isAtMostAsWide(wanted, readLimits(limits)));
  const calls = hours.map((hour) => hour.calls);
  return {
    change: {
      actions: rule?.actions ?? [],
      held,
      said: held
        ? `A grant of ${approval.scope} that is as wide lives already: this one would only add time.`
        : live.length > 0
          ? `A narrower grant of ${approval.scope} lives already: this one would allow more than it.`
          : `${agent.name} may do none of this now; while the grant lives it may do all of it.`,
    },
    rule: { risk: rule?.risk ?? null, said: ruleWords(approval.scope, rule), policyVersion: policy.version },
    lastDay: {
      ...{ from, to: now, hours },
      calls: sum(calls),
      refused: sum(hours.map((hour) => hour.refused)),
      scoreMax: hours.reduce<number | null>((top, { score }) => highest(top, score), null),
      ...(await troubleSince(db, agent.id, from)),
    },
    past: await pastOf(db, approval, now),
    blastRadius: await blastOf(db, {
      ...{ approval, agent, below: kin.below.map(({ name }) => name), now },
      busiestHourCalls: calls.length > 0 ? Math.max(...calls) : null,
    }),
    conflicts: await conflictsOf(ctx, { approval, agent, kin: [...kin.above, ...kin.below] }),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function highest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
