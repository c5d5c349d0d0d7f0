import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { deletePlace } from "./place-store.ts";

/**
 * Takes back where a network is: its agents are nowhere from then on.
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `place_gone` when it was removed already.
 */
export async function removePlace(
  ctx: VerbContext,
  { placeId }: { placeId: string },
): Promise<{ placeId: string }> {
  requirePermission(ctx.actor, "integrations.manage");
  const { actor, now } = ctx;
  await ctx.db.transaction(async (tx) => {
    const row = await deletePlace(tx, placeId);
    if (!row) throw new ConflictError("place_gone", "This place was removed already.", { placeId });
    const { name, country, latitude, longitude, prefix, kind } = row;
    await appendRecord(tx, {
      ...{ kind: "place.removed", actor, now },
      details: { placeId, name, country, latitude, longitude, prefix, kind },
      subjects: [`place:${placeId}`],
    });
  });
  return { placeId };
}
