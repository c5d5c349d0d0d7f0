import { randomBytes } from "node:crypto";
import type { Tx } from "../../../db/client.ts";
import { signalSecrets } from "../../../db/schema/index.ts";
import { type Actor, actorRecord } from "../../kernel/actor.ts";
import { sha256 } from "../../kernel/hash.ts";
import { randomSecret, uuidv7 } from "../../kernel/ids.ts";
import { sealForRole } from "../../keys/role-box.ts";
import type { SignalAuth } from "./signal-schema.ts";
import { signalSecretContext } from "./signal-source-store.ts";

/** Bytes of a signing key (Standard Webhooks: 24 to 64). */
const KEY_BYTES = 32;

/**
 * Draws a source's next secret in the caller's transaction: of a bearer secret only the hash is kept, a signing secret
 * is sealed for the console.
 *
 * @returns the secret, this once. @throws UnavailableError `box_missing`.
 */
export async function addSignalSecret(
  tx: Tx,
  give: { sourceId: string; auth: Exclude<SignalAuth, "certificate">; actor: Actor; now: Date },
): Promise<string> {
  const { sourceId, auth, now } = give;
  const id = uuidv7(now.getTime());
  const row = { id, sourceId, createdAt: now, createdBy: actorRecord(give.actor).name };
  if (auth === "bearer") {
    const secret = `vsig_${randomSecret()}`;
    await tx.insert(signalSecrets).values({ ...row, hash: sha256(secret) });
    return secret;
  }
  const secret = `whsec_${randomBytes(KEY_BYTES).toString("base64")}`;
  const sealed = await sealForRole(tx, "console", signalSecretContext(id), secret);
  await tx.insert(signalSecrets).values({ ...row, sealed });
  return secret;
}
