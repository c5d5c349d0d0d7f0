import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { signalSources } from "../../db/schema/index.ts";
import type { Actor } from "../kernel/actor.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";
import type { SourceRow } from "../layers/monitoring/signal-source-store.ts";

/**
 * Tells that a source has been silent for longer than it declared: once, until it is heard again. Where it was heard
 * in this moment, nothing is told.
 */
export async function tellSilence(
  tx: Tx,
  source: SourceRow,
  by: { actor: Actor; now: Date },
): Promise<boolean> {
  const { id, name, heardAt, receivedAt, silentAfterSeconds } = source;
  const t = signalSources;
  const changed = await tx
    .update(t)
    .set({ silentSince: heardAt })
    .where(and(eq(t.id, id), eq(t.heardAt, heardAt), eq(t.enabled, true), isNull(t.silentSince)))
    .returning({ id: t.id });
  if (changed.length === 0) return false;
  const details = {
    ...{ sourceId: id, source: name, silentAfterSeconds },
    ...{ silentSince: heardAt.toISOString(), lastReceivedAt: receivedAt?.toISOString() ?? null },
  };
  await appendRecord(tx, { kind: "signal-source.silent", ...by, details, subjects: [`signal-source:${id}`] });
  await raiseAlert(tx, {
    ...{ agentId: null, kind: "rule", rule: `signal-silent:${name}`, severity: "high", ...by },
    title: `Nothing from ${name} for more than ${silentAfterSeconds} seconds`,
    detail: details,
  });
  await notify(tx, "signal", id);
  return true;
}
