import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "../../../db/client.ts";
import { alerts, coolDowns } from "../../../db/schema/index.ts";
import { COOL_DOWN_MS, causesOf } from "./engine/temper.ts";
import { contribution } from "./schema.ts";

/**
 * Begins the cool-down of a containment that two people just ended, in their transaction: what it was contained for,
 * as the alert has it at this moment, does not contain it again for half an hour. Written once and never moved on, so
 * that later alerts cannot raise the height. A containment that no score called for has none.
 *
 * A limit that Vigil lifts by itself begins none: whatever only limited is lower than what contains, and calm is
 * nobody's judgement.
 */
export async function startCoolDown(
  tx: Tx,
  of: { containment: { id: string; agentId: string; alertId: string | null }; now: Date },
): Promise<void> {
  const { containment, now } = of;
  if (containment.alertId === null) return;
  const [alert] = await tx.select().from(alerts).where(eq(alerts.id, containment.alertId));
  const detail = z.object({ contributions: z.array(contribution) }).safeParse(alert?.detail);
  if (alert?.rule !== "behaviour-score" || alert.score === null || !detail.success) return;
  await tx
    .insert(coolDowns)
    .values({
      containmentId: containment.id,
      agentId: containment.agentId,
      score: alert.score,
      causes: causesOf(detail.data.contributions).map(({ feature, value }) => ({ feature, value })),
      startsAt: now,
      endsAt: new Date(now.getTime() + COOL_DOWN_MS),
    })
    .onConflictDoNothing();
}
