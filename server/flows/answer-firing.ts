import type { Tx } from "../../db/client.ts";
import type { Actor } from "../kernel/actor.ts";
import { ConflictError } from "../kernel/errors.ts";
import { lockIsolation } from "../layers/isolation/store.ts";
import type { AgentFiring } from "../layers/monitoring/find-rule-firings.ts";
import { exampleRecords, isNoted, noteFiring } from "../layers/monitoring/note-firing.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";
import { ruleWords } from "../layers/monitoring/rule-words-schema.ts";
import { limitAgent } from "./limit-agent.ts";

/** What a rule limits an agent to: it goes on working, and does no more harm than a person can follow. */
export const RULE_LIMIT_PER_MINUTE = 60;

/**
 * Answers a rule that fired, in the caller's transaction and once: its alert with what was counted, the note of it,
 * and the limit where the rule asks for one. Who is limited already or cut off stays as they are.
 *
 * @returns false where it was answered before.
 */
export async function answerFiring(
  tx: Tx,
  answer: { firing: AgentFiring; version: number; actor: Actor; now: Date },
): Promise<boolean> {
  const { firing, version, actor, now } = answer;
  const { agent, counts, span } = firing;
  const { rule } = span;
  const episodeAt = new Date(firing.episodeMs);
  if (await isNoted(tx, { agentId: agent.id, rule: rule.id, episodeAt })) return false;
  const [firstAt, lastAt] = [new Date(firing.firstMs), new Date(firing.lastMs)];
  const recordIds = await exampleRecords(tx, agent.id, rule, { from: firstAt, to: lastAt });
  const limits = rule.does === "limit" && (await mayBeLimited(tx, agent.id));
  const { alertId } = await raiseAlert(tx, {
    ...{ agentId: agent.id, kind: "rule", rule: rule.id, severity: rule.severity },
    title: rule.title,
    detail: {
      text: ruleWords(rule),
      ...{ counts, recordIds, recordId: recordIds[0], tags: rule.tags },
      ...{ firstAt: firstAt.toISOString(), lastAt: lastAt.toISOString() },
      ruleVersion: version,
      falsePositives: rule.falsePositives,
      limited: limits,
    },
    ...{ actor, now },
  });
  await noteFiring(tx, {
    ...{ agentId: agent.id, rule: rule.id, episodeAt, version, firstAt, lastAt },
    ...{ counts, recordIds, alertId, now },
  });
  if (limits)
    await limitAgent(tx, {
      ...{ agentId: agent.id, limitPerMinute: RULE_LIMIT_PER_MINUTE, actor, now },
      reason: `rule ${rule.id}: ${rule.title}`,
    });
  return true;
}

async function mayBeLimited(tx: Tx, agentId: string): Promise<boolean> {
  const { row } = await lockIsolation(tx, agentId);
  return (row?.state ?? "open") === "open";
}

/** Whether another worker answered it in the same moment: then there is nothing left to do. */
export function wasAnsweredMeanwhile(error: unknown): boolean {
  const cause = (error as { cause?: unknown }).cause ?? error;
  const { code, constraint } = cause as { code?: string; constraint?: string };
  return code === "23505" && constraint === "rule_firings_once" && !(error instanceof ConflictError);
}
