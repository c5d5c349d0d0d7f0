import type { Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { clocks } from "../../db/schema/index.ts";
import { uuidv7 } from "../kernel/ids.ts";
import { dueOf } from "./engine/clock.ts";
import { regulatorContact } from "./regulators.ts";
import { clocksOf, primaryRegulator } from "./store.ts";

/**
 * Starts the 36-hour clock towards the bank's primary regulator. A clock of this incident that runs, or that
 * a receipt stopped, stands: determining again never buys time. Called by the determination alone.
 *
 * @returns the clock that counts, and whether it is new.
 */
export async function startClock(
  tx: Tx,
  start: { incidentId: string; anchorAt: Date; anchoredBy: string; now: Date },
): Promise<{ clockId: string; dueAt: Date; isNew: boolean }> {
  const standing = (await clocksOf(tx, start.incidentId)).find(
    (clock) => clock.regime === "us-36h" && clock.status !== "superseded",
  );
  if (standing) return { clockId: standing.id, dueAt: standing.dueAt, isNew: false };
  const event = "determined";
  const { rule, dueAt } = dueOf("us-36h", { [event]: start.anchorAt });
  const recipient = await primaryRegulator(tx);
  const clockId = uuidv7(start.now.getTime());
  await tx.insert(clocks).values({
    id: clockId,
    incidentId: start.incidentId,
    regime: rule.regime,
    ruleVersion: rule.version,
    recipient,
    basis: regulatorContact(recipient, start.anchorAt).basis,
    anchorEvent: event,
    anchorAt: start.anchorAt,
    anchoredBy: start.anchoredBy,
    dueAt,
  });
  await notify(tx, "clock", clockId);
  return { clockId, dueAt, isNew: true };
}
