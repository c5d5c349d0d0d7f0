import { eq } from "drizzle-orm";
import type { z } from "zod";
import { notify } from "../../../db/listen.ts";
import { peers, zones } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { registerPeerInput } from "./schema.ts";

/**
 * Puts a system that agents may name as their peer into a zone, or moves it to another. Doing it again changes nothing.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `zone_unknown`.
 */
export async function registerPeer(
  ctx: VerbContext,
  input: z.input<typeof registerPeerInput>,
): Promise<void> {
  requirePermission(ctx.actor, "policy.change");
  const peer = registerPeerInput.parse(input);
  await ctx.db.transaction(async (tx) => {
    const [zone] = await tx.select().from(zones).where(eq(zones.name, peer.zone));
    if (!zone)
      throw new InvalidInputError("zone_unknown", `There is no zone ${peer.zone}.`, { zone: peer.zone });
    const [before] = await tx.select().from(peers).where(eq(peers.name, peer.name)).for("update");
    if (before?.zone === peer.zone && before.title === peer.title) return;
    await tx.insert(peers).values(peer).onConflictDoUpdate({ target: peers.name, set: peer });
    await appendRecord(tx, {
      kind: "peer.registered",
      actor: ctx.actor,
      now: ctx.now,
      details: { ...peer, from: before?.zone ?? null },
    });
    await notify(tx, "isolation", `peer/${peer.name}`);
  });
}
