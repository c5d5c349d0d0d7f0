import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { actorRecord } from "../../kernel/actor.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { type AddPlaceInput, addPlaceInput } from "./place-schema.ts";
import { insertPlace } from "./place-store.ts";

/**
 * Says where a network is. From then on agents that are seen from it are there.
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `place_taken` when the network has a place already.
 */
export async function addPlace(ctx: VerbContext, input: AddPlaceInput): Promise<{ placeId: string }> {
  requirePermission(ctx.actor, "integrations.manage");
  const said = addPlaceInput.parse(input);
  const { actor, now } = ctx;
  const placeId = uuidv7(now.getTime());
  await ctx.db.transaction(async (tx) => {
    const createdBy = actorRecord(actor).name;
    if (!(await insertPlace(tx, { ...said, id: placeId, createdAt: now, createdBy })))
      throw new ConflictError("place_taken", `${said.prefix} has a place already. Remove that first.`, {
        prefix: said.prefix,
      });
    await appendRecord(tx, {
      ...{ kind: "place.added", actor, now },
      details: { placeId, ...said },
      subjects: [`place:${placeId}`],
    });
  });
  return { placeId };
}
