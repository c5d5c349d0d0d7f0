import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { listFiringsInput, type ruleFiringView } from "./rule-change-schema.ts";
import { firingsOf } from "./rule-views-store.ts";

/** When a rule fired, the newest first. @throws ForbiddenError `not_permitted`. */
export async function listFirings(
  ctx: VerbContext,
  input: z.input<typeof listFiringsInput>,
): Promise<{ firings: z.infer<typeof ruleFiringView>[] }> {
  requirePermission(ctx.actor, "alerts.read");
  const { rule, limit } = listFiringsInput.parse(input);
  const to = new Date(ctx.now.getTime() + 1);
  return { firings: await firingsOf(ctx.db, [rule], { from: new Date(0), to, limit }) };
}
