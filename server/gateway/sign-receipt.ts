import { sign } from "node:crypto";
import type { SignReceipt } from "../flows/admit-action/make-entry.ts";
import { canonicalJson } from "../kernel/canonical.ts";
import type { HeldKey } from "../keys/key-store.ts";

/** `typ` of a receipt's header, so that no other signature of this key can be taken for one. */
export const RECEIPT_TYPE = "vigil-receipt";

/** Receipts as compact JWS (RFC 7515) by the gateway's receipt key. */
export function receiptSigner(key: HeldKey): SignReceipt {
  const header = Buffer.from(canonicalJson({ alg: "EdDSA", kid: key.keyId, typ: RECEIPT_TYPE })).toString(
    "base64url",
  );
  return (claims) => {
    const signed = `${header}.${Buffer.from(canonicalJson(claims)).toString("base64url")}`;
    return `${signed}.${sign(null, Buffer.from(signed), key.privateKey).toString("base64url")}`;
  };
}
