import type { BehaviourOverview } from "#server/layers/monitoring/overview-schema.ts";

type Budget = BehaviourOverview["budget"];
export type Line = keyof Budget["declared"];

export type BudgetRow = {
  line: Line;
  /** False alarms an agent and day: what the line stands for, and what came in the stretch. */
  declared: number;
  measured: number | null;
  alarms: number;
  judgedTrue: number;
  judgedFalse: number;
  unjudged: number;
  /** What the declared rate comes to over the agent-days of the stretch. */
  allowed: number;
  /** Part of it that is used; above 1 the line does not keep what it declares. Null where nothing was scored. */
  used: number | null;
};

export const LINES: readonly Line[] = ["record", "limit", "contain"];

/**
 * The budget of false alarms by line. An alarm counts as false until somebody has called it true: the figure can only
 * get better by looking.
 */
export function budgetRows({ agentDays, declared, alarms, judgedTrue, judgedFalse }: Budget): BudgetRow[] {
  return LINES.map((line) => {
    const counted = Math.max(0, alarms[line] - judgedTrue[line]);
    const allowed = declared[line] * agentDays;
    return {
      line,
      declared: declared[line],
      measured: agentDays === 0 ? null : counted / agentDays,
      alarms: alarms[line],
      judgedTrue: judgedTrue[line],
      judgedFalse: judgedFalse[line],
      unjudged: Math.max(0, counted - judgedFalse[line]),
      allowed,
      used: allowed === 0 ? null : counted / allowed,
    };
  });
}
