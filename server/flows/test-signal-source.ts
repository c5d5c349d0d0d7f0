import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { exampleSignal } from "../integrations/signal/example-signal.ts";
import { uuidv7 } from "../kernel/ids.ts";
import type { ReceivedSignal, SignalKind } from "../layers/monitoring/signal-schema.ts";
import { testSourceInput } from "../layers/monitoring/signal-source-schema.ts";
import { sourceById } from "../layers/monitoring/signal-source-store.ts";
import { receiveSignals } from "./receive-signals.ts";

/**
 * Sends a trial through a source's reading and mapping, as if the source had: kept and recorded as a trial, it raises
 * no alert and no finding, and says nothing of the source's health.
 *
 * @throws ForbiddenError `not_permitted`, `signal_source_disabled`. @throws NotFoundError `signal_source_unknown`.
 */
export async function testSignalSource(
  ctx: VerbContext,
  input: { sourceId: string; payload?: string | undefined },
): Promise<ReceivedSignal> {
  requirePermission(ctx.actor, "integrations.manage");
  const { sourceId, payload } = testSourceInput.parse(input);
  const source = await sourceById(ctx.db, sourceId);
  const body = Buffer.from(payload ?? exampleSignal(source.kind as SignalKind, ctx.now));
  const [signal] = await receiveSignals(ctx, source, {
    ...{ body, messageId: `trial:${uuidv7(ctx.now.getTime())}`, sourceIp: "unknown", test: true },
  });
  return signal ?? { id: null, outcome: "held", reason: "The trial held no event.", repeated: false };
}
