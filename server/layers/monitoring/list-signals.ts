import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { listSignalsInput, type signalPage } from "./signal-source-schema.ts";
import { signalRows } from "./signal-store.ts";

/** Signals, newest first, with what was made of each. */
export async function listSignals(
  ctx: VerbContext,
  input: z.input<typeof listSignalsInput>,
): Promise<z.infer<typeof signalPage>> {
  requirePermission(ctx.actor, "alerts.read");
  const { limit, cursor, ...filter } = listSignalsInput.parse(input);
  const [at, id] = cursor?.split("~") ?? [];
  const after = at && id ? { receivedAt: new Date(at), id } : null;
  const rows = await signalRows(ctx.db, filter, after, limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    signals: page,
    nextCursor: rows.length > limit && last ? `${last.receivedAt.toISOString()}~${last.id}` : null,
  };
}
