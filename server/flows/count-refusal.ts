import type { Database } from "../../db/client.ts";
import type { Actor } from "../kernel/actor.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { networkOf } from "../layers/monitoring/engine/network.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";
import { countRefused, type SourceRow } from "../layers/monitoring/signal-source-store.ts";

/** So many refusals of one reason within an hour are no slip any more: somebody guesses, or a source lost its secret. */
const ALERT_AT = 20;

/**
 * Counts what is refused in a source's name. The first of a reason in its hour is recorded, the twentieth raises an
 * alert; the others are counted alone, so that nobody can fill the log.
 */
export async function countRefusal(
  ctx: { db: Database; actor: Actor; now: Date },
  source: SourceRow,
  refusal: { code: string; message: string; sourceIp: string },
): Promise<void> {
  const { db, actor, now } = ctx;
  const { code, message, sourceIp } = refusal;
  await db.transaction(async (tx) => {
    const count = await countRefused(tx, source.id, now, code);
    if (count !== 1 && count !== ALERT_AT) return;
    const details = { sourceId: source.id, source: source.name, code, network: networkOf(sourceIp), count };
    if (count === 1)
      await appendRecord(tx, {
        ...{ kind: "signals.refused", actor, now, outcome: "deny", details },
        checks: [{ id: code, passed: false, detail: message }],
        subjects: [`signal-source:${source.id}`],
      });
    else
      await raiseAlert(tx, {
        ...{
          agentId: null,
          kind: "rule",
          rule: `signal-refused:${source.name}`,
          severity: "medium",
          actor,
          now,
        },
        title: `Requests in the name of ${source.name} are refused again and again`,
        detail: details,
      });
  });
}
