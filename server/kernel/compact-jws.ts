import { type KeyObject, sign, verify } from "node:crypto";
import { canonicalJson, type Json } from "./canonical.ts";

const FORM = /^([\w-]{1,2000})\.([\w-]{1,16000})\.([\w-]{86})$/;

/**
 * A compact JWS (RFC 7515, RFC 8037) over canonical claims by an Ed25519 key. `typ` says what the statement is,
 * so that no other signature of the same key can be taken for it (RFC 8725 §3.11).
 */
export function signCompact(
  key: { keyId: string; privateKey: KeyObject },
  typ: string,
  claims: { [name: string]: Json | undefined },
): string {
  const header = base64urlJson({ alg: "EdDSA", kid: key.keyId, typ });
  const signed = `${header}.${base64urlJson(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key.privateKey).toString("base64url")}`;
}

/**
 * The claims of a compact JWS, or null: a malformed text, another `typ` or algorithm, a key that is not among
 * `keys`, and a signature that does not verify are all the same nothing.
 *
 * @param keys public Ed25519 keys by their id.
 */
export function openCompact(
  text: string,
  typ: string,
  keys: ReadonlyMap<string, KeyObject>,
): { keyId: string; claims: Record<string, unknown> } | null {
  const [, header = "", payload = "", signature = ""] = FORM.exec(text) ?? [];
  const { alg, kid, typ: said } = readJson(header) ?? {};
  const key = typeof kid === "string" ? keys.get(kid) : undefined;
  if (!key || typeof kid !== "string" || alg !== "EdDSA" || said !== typ) return null;
  if (!verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url")))
    return null;
  const claims = readJson(payload);
  return claims && { keyId: kid, claims };
}

function base64urlJson(value: { [name: string]: Json | undefined }): string {
  return Buffer.from(canonicalJson(value), "utf8").toString("base64url");
}

function readJson(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return value && typeof value === "object" && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
