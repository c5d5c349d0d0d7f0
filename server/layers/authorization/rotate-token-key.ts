import type { z } from "zod";
import { notify } from "../../../db/listen.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { emergencyRotation, signingKey } from "./engine/token-key-life.ts";
import { type RotateTokenKeyInput, type rotatedTokenKey, rotateTokenKeyInput } from "./token-key-schema.ts";
import { changeTokenKey, lockTokenKeys } from "./token-key-store.ts";

/**
 * Takes the key that signs access tokens out of use at once, because it is not to be relied on. Every token that it
 * signed is refused from here on, by gateways and by introspection; agents ask for new ones. The next key, which
 * resource servers know already, signs from now on; where that one is doubted, too, a gateway makes another.
 *
 * @throws ForbiddenError `not_permitted`. @throws ConflictError `token_key_changed` where another key signs now.
 */
export async function rotateTokenKey(
  ctx: VerbContext,
  input: RotateTokenKeyInput,
): Promise<z.infer<typeof rotatedTokenKey>> {
  requirePermission(ctx.actor, "authorities.manage");
  const { keyId, doubt, reason } = rotateTokenKeyInput.parse(input);
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    const rows = await lockTokenKeys(tx);
    if (signingKey(rows, now)?.keyId !== keyId) throw changed();
    const { tainted, promoted } = emergencyRotation(rows, doubt, now);
    const taintedBy = actor.id;
    for (const { generation } of tainted)
      if ((await changeTokenKey(tx, generation, { taintedAt: now, taintedBy, reason })) === 0)
        throw changed();
    if (promoted) await changeTokenKey(tx, promoted.generation, { signsFrom: now });
    const said = { tainted: tainted.map(({ keyId }) => keyId), signs: promoted?.keyId ?? null };
    await appendRecord(tx, {
      kind: "token-key.tainted",
      actor,
      now,
      details: { ...said, generations: tainted.map(({ generation }) => generation), doubt, reason },
    });
    await notify(tx, "token", "keys");
    return said;
  });
}

const changed = () =>
  new ConflictError(
    "token_key_changed",
    "Another key signs tokens now: somebody rotated it first. Look again.",
  );
