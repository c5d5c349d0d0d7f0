import { checkLimits } from "../../layers/authorization/engine/check-limits.ts";
import { scopeForAction } from "../../layers/authorization/engine/scope-for-action.ts";
import { decidePeer } from "../../layers/isolation/engine/decide-peer.ts";
import { ACTION_LIMITS, type Action, type Refusal } from "../../layers/monitoring/action.ts";
import { checkActionRules, type RuleAlert } from "../../layers/monitoring/engine/action-rules.ts";
import { networkOf } from "../../layers/monitoring/engine/network.ts";
import { foldRules } from "../../layers/monitoring/engine/rules/fold-rules.ts";
import { type RuleFacts, sideOf } from "../../layers/monitoring/engine/rules/rule-facts.ts";
import { emptySlice, foldAction, type Slice, sliceOf } from "../../layers/monitoring/engine/slice.ts";
import type { ReadAction } from "./read-actions.ts";
import type { LiveAgent, VerifiedToken, World } from "./world.ts";

type Facts = {
  world: World;
  agent: LiveAgent;
  token: VerifiedToken;
  now: Date;
  alerts: Map<string, RuleAlert>;
  /** The network that the gateway saw the request come from. */
  network: string;
};
type Broken = { code: string; reason: string };

/** What each action must pass, in order; the first that fails refuses it. */
const ACTION_CHECKS: readonly ((action: Action, facts: Facts) => Broken | null)[] = [
  notInFuture,
  coveredByScope,
  withinLimits,
  mayReachPeer,
  keepsRules,
];

export type Judgement = {
  refused: Refusal[];
  /** What the agent did, for its windows: refused actions are behaviour too. */
  slices: { sliceMs: number; slice: Slice }[];
  alerts: RuleAlert[];
  rulesVersion: number;
  /** Scopes that the admitted actions needed. */
  scopesUsed: ReadonlySet<string>;
};

/** Judges each action of a request by the scope, isolation and monitoring rules, and folds all into slices. */
export function judgeActions(
  about: Omit<Facts, "alerts" | "network">,
  actions: readonly ReadAction[],
  sourceIp: string,
): Judgement {
  const facts: Facts = { ...about, alerts: new Map(), network: networkOf(sourceIp) };
  const slices = new Map<number, Slice>();
  const refused: Refusal[] = [];
  const scopesUsed = new Set<string>();
  actions.forEach((read, index) => {
    if ("refusal" in read) {
      refused.push(read.refusal);
      return;
    }
    const broken = firstBroken(read.action, facts);
    if (broken) refused.push({ index, ...broken });
    else scopesUsed.add(scopeForAction(facts.world.policy(), read.action.action) ?? "");
    fold(slices, read.action, facts, { sourceIp, refused: broken !== null });
  });
  return {
    refused,
    slices: [...slices].map(([sliceMs, slice]) => ({ sliceMs, slice })),
    alerts: [...facts.alerts.values()],
    rulesVersion: facts.world.rules().version,
    scopesUsed,
  };
}

function firstBroken(action: Action, facts: Facts): Broken | null {
  for (const check of ACTION_CHECKS) {
    const broken = check(action, facts);
    if (broken) return broken;
  }
  return null;
}

function notInFuture({ at }: Action, { now }: Facts): Broken | null {
  const aheadSeconds = (Date.parse(at) - now.getTime()) / 1000;
  if (aheadSeconds <= ACTION_LIMITS.aheadSecondsMax) return null;
  return {
    code: "at_in_future",
    reason: `The action says it happens ${Math.round(aheadSeconds)} s from now; at most ${ACTION_LIMITS.aheadSecondsMax} s are allowed for clocks that differ.`,
  };
}

function coveredByScope({ action }: Action, { world, token }: Facts): Broken | null {
  const scope = scopeForAction(world.policy(), action);
  if (scope === null) return { code: "action_unmapped", reason: `No scope of the policy covers ${action}.` };
  if (token.scopes.includes(scope)) return null;
  return {
    code: "insufficient_scope",
    reason: `${action} needs the scope ${scope}, which the token does not carry.`,
  };
}

/** Most tokens limit nothing: then nothing is looked at. */
function withinLimits(action: Action, { world, token }: Facts): Broken | null {
  if (!token.limits) return null;
  const limit = token.limits.get(scopeForAction(world.policy(), action.action) ?? "");
  return limit ? checkLimits(action, limit) : null;
}

function mayReachPeer({ peer }: Action, { world, agent }: Facts): Broken | null {
  const decision = decidePeer({ agentZone: agent.zone, peer, zones: world.zones() });
  if (decision.outcome === "allow") return null;
  return { code: "peer_denied", reason: decision.checks.find((check) => !check.passed)?.detail ?? "" };
}

function keepsRules(action: Action, facts: Facts): Broken | null {
  const { alerts, world } = facts;
  const decision = checkActionRules(ruleFacts(action, facts, false), world.rules().single);
  for (const alert of decision.alerts) if (!alerts.has(alert.rule)) alerts.set(alert.rule, alert);
  if (decision.outcome === "allow") return null;
  const broken = decision.checks.find((check) => !check.passed);
  return { code: "rule_broken", reason: broken?.detail ?? "" };
}

function ruleFacts(action: Action, { world, token, now, network }: Facts, refused: boolean): RuleFacts {
  const { peer } = action;
  return {
    action: action.action,
    atMs: Date.parse(action.at),
    receivedMs: now.getTime(),
    endpoint: action.endpoint,
    transactionId: action.transactionId,
    bytes: action.bytes,
    dataAccessed: action.dataAccessed,
    subjects: action.subjects,
    peer: peer === undefined ? undefined : sideOf(peer, world.zones().peers.get(peer)),
    refused,
    scopes: token.scopes,
    certificate: token.boundTo,
    network,
  };
}

function fold(
  slices: Map<number, Slice>,
  action: Action,
  facts: Facts,
  seen: { sourceIp: string; refused: boolean },
): void {
  const said = ruleFacts(action, facts, seen.refused);
  const { atMs } = said;
  const { sliceMs, late } = sliceOf(atMs, facts.now.getTime());
  const slice = slices.get(sliceMs) ?? emptySlice();
  if (!late) {
    const rules = foldRules(slice.rules, facts.world.rules(), said);
    if (rules) slice.rules = rules;
  }
  const { endpoint, bytes, peer, dataAccessed, sourceIp = seen.sourceIp } = action;
  slices.set(
    sliceMs,
    foldAction(slice, {
      action: action.action,
      atMs,
      endpoint,
      bytes,
      peer,
      dataAccessed,
      sourceIp,
      seen: { address: seen.sourceIp, atMs: facts.now.getTime() },
      refused: seen.refused,
      late,
    }),
  );
}
