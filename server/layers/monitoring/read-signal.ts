import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { signalDetail } from "./signal-source-schema.ts";
import { signalById } from "./signal-store.ts";

/** One signal with its payload as it came, as text; bytes that are no UTF-8 are shown as such. @throws NotFoundError `signal_unknown`. */
export async function readSignal(
  ctx: VerbContext,
  input: { id: string },
): Promise<z.infer<typeof signalDetail>> {
  requirePermission(ctx.actor, "alerts.read");
  const { payload, ...signal } = await signalById(ctx.db, input.id);
  return { ...signal, payload: new TextDecoder("utf-8").decode(payload) };
}
