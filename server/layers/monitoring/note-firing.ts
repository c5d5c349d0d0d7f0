import { and, asc, eq, gte, lte } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { auditRecords, ruleFirings } from "../../../db/schema/index.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { compileGlobs } from "./engine/rules/match-glob.ts";
import { BELIEVED_BACK_MS } from "./engine/slice.ts";
import type { DetectionRule } from "./rules-schema.ts";

const EXAMPLES_MAX = 5;
const EXAMPLES_LOOKED_AT = 200;

/** Whether the rule was answered for this agent and span already. */
export async function isNoted(
  tx: Tx,
  { agentId, rule, episodeAt }: { agentId: string; rule: string; episodeAt: Date },
): Promise<boolean> {
  const [row] = await tx
    .select({ id: ruleFirings.id })
    .from(ruleFirings)
    .where(
      and(eq(ruleFirings.agentId, agentId), eq(ruleFirings.rule, rule), eq(ruleFirings.episodeAt, episodeAt)),
    );
  return row !== undefined;
}

type NewFiring = Omit<typeof ruleFirings.$inferInsert, "id" | "firedAt"> & { now: Date };

/**
 * Notes that a rule fired, in the transaction of its alert. The database holds one for each agent, rule and span: of
 * two that note it at once, the second one's transaction fails, with its alert.
 *
 * @param ifNew where true, one that is there already is left as it is.
 */
export async function noteFiring(tx: Tx, { now, ...firing }: NewFiring, ifNew = false): Promise<void> {
  const insert = tx.insert(ruleFirings).values({ ...firing, id: uuidv7(now.getTime()), firedAt: now });
  await (ifNew ? insert.onConflictDoNothing() : insert);
}

/** A few records of an agent's actions between two instants that the rule looks at, the oldest first. */
export async function exampleRecords(
  tx: Tx,
  agentId: string,
  { condition }: DetectionRule,
  { from, to }: { from: Date; to: Date },
): Promise<string[]> {
  const where =
    "where" in condition
      ? [condition.where]
      : "first" in condition
        ? [condition.first.where, condition.next.where]
        : [{}];
  const tests = where.map(({ actions }) => (actions ? compileGlobs(actions) : () => true));
  const rows = await tx
    .select({ id: auditRecords.id, body: auditRecords.body })
    .from(auditRecords)
    .where(
      and(
        eq(auditRecords.agentId, agentId),
        eq(auditRecords.kind, "agent.actions"),
        gte(auditRecords.at, from),
        lte(auditRecords.at, new Date(to.getTime() + BELIEVED_BACK_MS)),
      ),
    )
    .orderBy(asc(auditRecords.at))
    .limit(EXAMPLES_LOOKED_AT);
  const found = rows.filter(({ body }) => {
    const { actions = {} } = JSON.parse(body.toString("utf8")) as { actions?: Record<string, number> };
    return Object.keys(actions).some((action) => tests.some((fits) => fits(action)));
  });
  return found.slice(0, EXAMPLES_MAX).map(({ id }) => id);
}
