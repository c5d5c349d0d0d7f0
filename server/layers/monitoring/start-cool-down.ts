import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "../../../db/client.ts";
import { alerts, coolDowns } from "../../../db/schema/index.ts";
import { COOL_DOWN_MS, heightsOf } from "./engine/temper.ts";
import { contribution, FEATURE_KEYS } from "./schema.ts";

/** The highest of each cause over all that called for containing, where the alert has it. */
const alertDetail = z.object({
  contributions: z.array(contribution),
  heights: z.array(z.object({ feature: z.enum(FEATURE_KEYS), value: z.number() })).optional(),
});

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
  const detail = alertDetail.safeParse(alert?.detail);
  if (alert?.rule !== "behaviour-score" || alert.score === null || !detail.success) return;
  await tx
    .insert(coolDowns)
    .values({
      containmentId: containment.id,
      agentId: containment.agentId,
      score: alert.score,
      causes: detail.data.heights ?? heightsOf([detail.data]),
      startsAt: now,
      endsAt: new Date(now.getTime() + COOL_DOWN_MS),
    })
    .onConflictDoNothing();
}
