import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { ExternalSigningKey } from "oidc-provider";
import type { HeldKey } from "../../keys/key-store.ts";

/** The token key as the authorization server uses it: it asks for signatures and never sees the key's bytes. */
export class StoredSigningKey extends ExternalSigningKey {
  readonly #key: HeldKey;

  constructor(key: HeldKey) {
    super();
    this.#key = key;
    Object.assign(this, { kid: key.keyId, alg: key.algorithm });
  }

  override keyObject(): KeyObject {
    return createPublicKey(this.#key.privateKey);
  }

  override sign(bytes: Uint8Array): Uint8Array {
    return sign(null, bytes, this.#key.privateKey);
  }
}
