import type { Database } from "../../db/client.ts";
import { settleAttempt } from "../integrations/outbox/settle-attempt.ts";
import type { DestinationRow } from "../integrations/outbox/store.ts";
import { enabledDestinations, headOf, queues, secretContext } from "../integrations/outbox/store.ts";
import { sendWebhook } from "../integrations/webhook/send-webhook.ts";
import { canonicalJson, type Json } from "../kernel/canonical.ts";
import { startStopwatch } from "../kernel/stopwatch.ts";
import { ensureBox, openForRole } from "../keys/role-box.ts";
import type { Duty, DutyContext } from "./duty.ts";
import { holdLease } from "./lease.ts";

const ACTOR = { type: "system", id: "deliver-outbox" } as const;
/** Of one destination in one run; the next run goes on. */
const BATCH = 20;
const UNOPENABLE = {
  delivered: false,
  error: "The destination's secret does not open: set it up again.",
  refused: false,
} as const;

/**
 * Delivers the outbox: each destination in order and for itself, so that one that is away holds up no other.
 * At least once: a message whose answer was lost is sent again under the same id.
 */
export const deliverOutbox: Duty = {
  name: "deliver-outbox",
  everyMs: 1_000,
  wakes: ["outbox"],
  run: async (context) => {
    await ensureBox(context.keys, context.now);
    const clock = startStopwatch(context.now);
    const to = await enabledDestinations(context.db);
    const results = await Promise.allSettled(to.map((destination) => deliverTo(context, destination, clock)));
    for (const [index, result] of results.entries())
      if (result.status === "rejected")
        context.log.error(
          { err: result.reason, destination: to[index]?.name },
          "a destination was not served",
        );
    context.publish({ destinations: await lagOf(context.db, to) });
    const broken = results.find((result) => result.status === "rejected");
    if (broken) throw broken.reason;
    return { more: results.some((result) => result.status === "fulfilled" && result.value) };
  },
};

async function deliverTo(
  context: DutyContext,
  destination: DestinationRow,
  clock: () => Date,
): Promise<boolean> {
  const { db, keys, lease, now } = context;
  const secret = await openForRole(keys, secretContext(destination.id), destination.secretSealed).catch(
    () => null,
  );
  for (let sent = 0; sent < BATCH; sent += 1) {
    const message = await headOf(db, destination.id);
    if (!message || message.nextAttemptAt > clock()) return false;
    const body = canonicalJson(message.body as Json);
    const id = (message.body as { id: string }).id;
    const { url, allowPrivate } = destination;
    const result =
      secret === null
        ? UNOPENABLE
        : await sendWebhook({ url, secret, allowPrivate }, { id, body, now: clock() });
    const { goOn } = await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      return settleAttempt(tx, { message, result, actor: ACTOR, now, clock });
    });
    if (!goOn) return false;
  }
  return true;
}

async function lagOf(db: Database, to: DestinationRow[]) {
  const waiting = await queues(db);
  return Object.fromEntries(
    to.map(({ id, name }) => [name, waiting.get(id) ?? { waiting: 0, oldestAt: null, dead: 0 }]),
  );
}
