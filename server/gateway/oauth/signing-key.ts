import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { ExternalSigningKey } from "oidc-provider";
import { ensure } from "../../kernel/ensure.ts";
import type { HeldKey } from "../../keys/key-store.ts";

/**
 * The token keys as the authorization server uses them: it asks for signatures and never sees a key's bytes. It knows
 * one key for good; which one signs a token, that token's own header says, as the door wrote it.
 *
 * @param any a key of theirs, for the kind alone.
 */
export class StoredSigningKeys extends ExternalSigningKey {
  readonly #any: HeldKey;
  readonly #held: (keyId: string) => HeldKey;

  constructor(any: HeldKey, held: (keyId: string) => HeldKey) {
    super();
    this.#any = any;
    this.#held = held;
    Object.assign(this, { kid: "by-header", alg: any.algorithm });
  }

  override keyObject(): KeyObject {
    return createPublicKey(this.#any.privateKey);
  }

  override sign(bytes: Uint8Array): Uint8Array {
    const [header = ""] = Buffer.from(bytes).toString("latin1").split(".", 1);
    const { kid } = JSON.parse(Buffer.from(header, "base64url").toString("utf8")) as { kid?: unknown };
    ensure(typeof kid === "string", "a token names its key");
    return sign(null, bytes, this.#held(kid).privateKey);
  }
}
