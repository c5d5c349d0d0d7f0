import type { Database } from "../../db/client.ts";
import { countAttempt } from "../access/count-attempt.ts";
import type { Actor } from "../kernel/actor.ts";
import { VigilError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";
import { countSignals, type SourceRow } from "../layers/monitoring/signal-source-store.ts";

const WINDOW_SECONDS = 60;

/**
 * Counts one request of a source and refuses it where the source sent more of them in its minute than it may. The
 * first of a minute's refusals raises an alert and is recorded; the others are counted.
 *
 * @throws VigilError `signals_flood` (429).
 */
export async function boundSignals(
  ctx: { db: Database; actor: Actor; now: Date },
  source: SourceRow,
): Promise<void> {
  const { db, actor, now } = ctx;
  const { id, name, ratePerMinute } = source;
  const { count, endsAt } = await countAttempt(db, `signals/${id}`, WINDOW_SECONDS, now);
  if (count <= ratePerMinute) return;
  await countSignals(db, id, now, { "refused:flood": 1 });
  const message = `${name} sent more than ${ratePerMinute} requests in a minute. Send again later, or up to 100 events in one request.`;
  if (count === ratePerMinute + 1)
    await db.transaction(async (tx) => {
      const details = { sourceId: id, source: name, ratePerMinute, until: endsAt.toISOString() };
      await appendRecord(tx, {
        ...{ kind: "signals.flooded", actor, now, details, outcome: "deny" },
        checks: [{ id: "rate-per-minute", passed: false, detail: message }],
        subjects: [`signal-source:${id}`],
      });
      await raiseAlert(tx, {
        ...{ agentId: null, kind: "rule", rule: `signal-flood:${name}`, severity: "high", actor, now },
        title: `${name} floods: what is beyond ${ratePerMinute} requests a minute is refused`,
        detail: details,
      });
    });
  throw new VigilError("signals_flood", 429, message, {
    ratePerMinute,
    retryAfterSeconds: Math.max(1, Math.ceil((endsAt.getTime() - now.getTime()) / 1_000)),
  });
}
