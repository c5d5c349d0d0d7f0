import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { Place } from "./place-schema.ts";
import { allPlaces } from "./place-store.ts";

/**
 * Where networks are, by name.
 *
 * @throws ForbiddenError `not_permitted`.
 */
export async function listPlaces({ db, actor }: VerbContext): Promise<Place[]> {
  requirePermission(actor, "agents.read");
  return allPlaces(db);
}
