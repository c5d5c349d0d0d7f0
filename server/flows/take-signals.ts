import type { Database } from "../../db/client.ts";
import type { Actor } from "../kernel/actor.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import type { ReceivedSignal } from "../layers/monitoring/signal-schema.ts";
import type { SourceRow } from "../layers/monitoring/signal-source-store.ts";
import { boundSignals } from "./bound-signals.ts";
import { countRefusal } from "./count-refusal.ts";
import { disabledError, receiveSignals, type SignalRequest } from "./receive-signals.ts";

/**
 * A request of a source that proved itself, at whichever door: within its rate, of a source that is on.
 *
 * @throws ForbiddenError `signal_source_disabled`. @throws VigilError `signals_flood` (429).
 * @throws InvalidInputError `signal_unreadable` where nothing of it could be read; it is kept all the same.
 */
export async function takeSignals(
  ctx: { db: Database; actor: Actor; now: Date },
  source: SourceRow,
  request: SignalRequest,
): Promise<{ signals: ReceivedSignal[] }> {
  if (!source.enabled) {
    const error = disabledError(source);
    await countRefusal(ctx, source, { code: error.code, message: error.message, sourceIp: request.sourceIp });
    throw error;
  }
  await boundSignals(ctx, source);
  const signals = await receiveSignals(ctx, source, request);
  const [first] = signals;
  if (first && signals.every(({ outcome }) => outcome === "held"))
    throw new InvalidInputError(
      "signal_unreadable",
      `${first.reason ?? "It could not be read."} What was sent is kept as signal ${first.id}.`,
      { signalId: first.id },
    );
  return { signals };
}
