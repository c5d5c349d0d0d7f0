import type { KeyObject } from "node:crypto";
import { CompactEncrypt, importJWK, type JWK, SignJWT } from "jose";
import { CALLBACK_ALGORITHMS, CALLBACK_TYPE, type CallbackMessage } from "../../kernel/callback.ts";

/**
 * A message as it goes to an agent: signed by Vigil, then encrypted to the agent's encryption key, so that only this
 * agent reads it and it knows who wrote it (a nested JWT, RFC 7519 §11.2: sign first, then encrypt).
 *
 * @param key Vigil's callback key, EdDSA.
 * @param encryption public key of the agent's live encryption certificate, P-256.
 * @returns a JWE in compact form.
 */
export async function sealCallback(
  message: CallbackMessage,
  to: { did: string; encryption: { keyId: string; publicJwk: JWK } },
  by: { issuer: string; key: { keyId: string; privateKey: KeyObject }; now: Date },
): Promise<string> {
  const { id, topic, createdAt, data } = message;
  const signed = await new SignJWT({ topic, createdAt, data })
    .setProtectedHeader({ alg: "EdDSA", typ: CALLBACK_TYPE, kid: by.key.keyId })
    .setIssuer(by.issuer)
    .setAudience(to.did)
    .setJti(id)
    .setIssuedAt(Math.floor(by.now.getTime() / 1000))
    .sign(by.key.privateKey);
  return new CompactEncrypt(Buffer.from(signed))
    .setProtectedHeader({
      alg: CALLBACK_ALGORITHMS.key,
      enc: CALLBACK_ALGORITHMS.content,
      cty: "JWT",
      kid: to.encryption.keyId,
    })
    .encrypt(await importJWK(to.encryption.publicJwk, CALLBACK_ALGORITHMS.key));
}
