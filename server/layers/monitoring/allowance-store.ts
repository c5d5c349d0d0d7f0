import { and, eq, gt, inArray, isNull } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { agentsAbove } from "../../../db/family.ts";
import { agents, verdictLessons } from "../../../db/schema/index.ts";
import { mailboxOf } from "../../kernel/same-person.ts";
import { type Allowance, ATTACK_MS, type Lesson, learnAllowances } from "./engine/allowance.ts";
import type { FeatureKey } from "./schema.ts";
import { ownersOf, peopleByIds } from "./second-person.ts";

type Source = Database | Tx;

/** What analysts' verdicts allow the given agents now; agents without any are left out. */
export async function allowancesOf(
  db: Source,
  agentIds: readonly string[],
  now: Date,
): Promise<Map<string, Allowance[]>> {
  if (agentIds.length === 0) return new Map();
  const rows = await db
    .select()
    .from(verdictLessons)
    .where(
      and(
        inArray(verdictLessons.agentId, [...agentIds]),
        isNull(verdictLessons.withdrawnAt),
        gt(verdictLessons.at, new Date(now.getTime() - ATTACK_MS)),
      ),
    );
  const lessons = new Map<string, Lesson[]>();
  for (const { agentId, alertId, feature, disposition, value, person, at } of rows) {
    const own = lessons.get(agentId) ?? [];
    own.push({
      ...{ alertId, value, person, atMs: at.getTime(), feature: feature as FeatureKey },
      disposition: disposition as Lesson["disposition"],
    });
    lessons.set(agentId, own);
  }
  return new Map([...lessons].map(([id, own]) => [id, learnAllowances(own, now.getTime())]));
}

/** Takes back what verdicts of no attack taught of one cause. @returns how many verdicts. */
export async function withdrawLessons(
  tx: Tx,
  lessons: { agentId: string; feature: FeatureKey; by: string; reason: string; now: Date },
): Promise<number> {
  const { agentId, feature, by, reason, now } = lessons;
  const rows = await tx
    .update(verdictLessons)
    .set({ withdrawnAt: now, withdrawnBy: by, withdrawReason: reason })
    .where(
      and(
        eq(verdictLessons.agentId, agentId),
        eq(verdictLessons.feature, feature),
        inArray(verdictLessons.disposition, ["false-positive", "benign"]),
        isNull(verdictLessons.withdrawnAt),
      ),
    )
    .returning({ id: verdictLessons.alertId });
  return rows.length;
}

/** A verdict of no attack that is taken back teaches nothing more; what showed an attack stays. */
export async function forgetLessons(
  tx: Tx,
  { alertId, by, reason, now }: { alertId: string; by: string; reason: string; now: Date },
): Promise<void> {
  await tx
    .update(verdictLessons)
    .set({ withdrawnAt: now, withdrawnBy: by, withdrawReason: reason })
    .where(
      and(
        eq(verdictLessons.alertId, alertId),
        inArray(verdictLessons.disposition, ["false-positive", "benign"]),
        isNull(verdictLessons.withdrawnAt),
      ),
    );
}

/** Mailboxes of those who own an agent or one above it. */
export async function ownersAbove(db: Source, agentId: string): Promise<Set<string>> {
  const [agent] = await db.select().from(agents).where(eq(agents.id, agentId));
  const line = agent ? [agent, ...(await agentsAbove(db, agentId))] : [];
  const people = await peopleByIds(db, ownersOf(line));
  return new Set([...people.values()].map(({ email }) => mailboxOf(email)));
}
