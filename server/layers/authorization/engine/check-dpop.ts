import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { z } from "zod";
import type { Check } from "../../../kernel/decision.ts";
import { base64url, sha256 } from "../../../kernel/hash.ts";
import { keyThumbprint } from "../../../kernel/key-thumbprint.ts";

/** How far a proof's `iat` may lie from our clock, either way (RFC 9449 §11.1). */
export const DPOP_AGE_SECONDS_MAX = 60;
/** Asymmetric, and as strong as FAPI 2.0 §5.4 asks. */
export const DPOP_ALGORITHMS = ["ES256", "EdDSA", "Ed25519"] as const;
const PROOF_CHARS_MAX = 4_096;

export type DpopProof = { jkt: string; jti: string; issuedAt: Date };
export type DpopDecision =
  | { outcome: "allow"; checks: Check[]; proof: DpopProof }
  | { outcome: "deny"; checks: Check[] };

const header = z.looseObject({
  typ: z.unknown().optional(),
  alg: z.unknown().optional(),
  jwk: z.record(z.string(), z.unknown()).optional(),
});
const payload = z.looseObject({
  jti: z.string().min(1).max(256),
  htm: z.string(),
  htu: z.string(),
  iat: z.number(),
  ath: z.unknown().optional(),
});
type Parts = {
  header: z.infer<typeof header>;
  payload: z.infer<typeof payload>;
  text: string;
  signature: Buffer;
};
type Expected = {
  method: string;
  /** What the client addressed; its query counts for nothing. */
  uri: string;
  /** The token that comes with it; null where one is asked for. */
  accessToken: string | null;
  /** The key that the token is bound to; null where it is being bound. */
  jkt: string | null;
};

/**
 * Whether a request's `DPoP` field proves, for this request and this token, who holds the key (RFC 9449 §4.3). The
 * checks come in order and end at the first that fails. Whether the proof was seen before, the caller asks by its id.
 *
 * @param field attacker-controlled; several fields come as one text with commas between them.
 */
export function checkDpop(field: string | undefined, expected: Expected, now: Date): DpopDecision {
  const checks: Check[] = [];
  const must = (id: string, passed: boolean, detail: string) => {
    checks.push({ id, passed, detail });
    return passed;
  };
  const deny: DpopDecision = { outcome: "deny", checks };
  const one = field !== undefined && field.length <= PROOF_CHARS_MAX && !field.includes(",");
  if (!must("dpop-one", one, "The request carries exactly one DPoP field.")) return deny;
  const parts = readParts(field ?? "");
  // An extension that must be understood is one that is not (RFC 7515 §4.1.11).
  const plain = parts !== null && !("crit" in parts.header);
  if (!must("dpop-jwt", plain, "It is a signed JWT with jti, htm, htu and iat, and no crit.") || !parts)
    return deny;
  const { typ, alg, jwk } = parts.header;
  if (!must("dpop-type", typ === "dpop+jwt", "Its typ is dpop+jwt.")) return deny;
  const known = DPOP_ALGORITHMS.some((it) => it === alg);
  if (!must("dpop-algorithm", known, `Its alg is ${DPOP_ALGORITHMS.join(" or ")}.`)) return deny;
  const key = readKey(jwk, alg);
  if (
    !must("dpop-key", key !== null, "Its jwk is a public key of that alg, and holds nothing private.") ||
    !key
  )
    return deny;
  if (!must("dpop-signature", isGenuine(parts, key), "It is signed with that key.")) return deny;
  const { jti, htm, htu, iat, ath } = parts.payload;
  if (!must("dpop-method", htm === expected.method, "Its htm is the request's method.")) return deny;
  const address = bareUri(htu);
  if (
    !must(
      "dpop-address",
      address !== null && address === bareUri(expected.uri),
      "Its htu is the request's address.",
    )
  )
    return deny;
  const fresh = Math.abs(now.getTime() / 1000 - iat) <= DPOP_AGE_SECONDS_MAX;
  if (!must("dpop-fresh", fresh, `It was made within ${DPOP_AGE_SECONDS_MAX} s.`)) return deny;
  const wanted = expected.accessToken === null ? null : base64url(sha256(expected.accessToken));
  if (!must("dpop-token", wanted === null || ath === wanted, "Its ath is the hash of the access token."))
    return deny;
  const jkt = keyThumbprint(key);
  const bound = expected.jkt === null || expected.jkt === jkt;
  if (!must("dpop-bound", bound, "Its key is the one that the access token is bound to.")) return deny;
  return { outcome: "allow", checks, proof: { jkt, jti, issuedAt: new Date(iat * 1000) } };
}

function readParts(field: string): Parts | null {
  const [head = "", body = "", signature = "", more] = field.split(".");
  if (!head || !body || !signature || more !== undefined) return null;
  try {
    const json = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as unknown;
    return {
      ...{ header: header.parse(json(head)), payload: payload.parse(json(body)) },
      ...{ text: `${head}.${body}`, signature: Buffer.from(signature, "base64url") },
    };
  } catch {
    return null;
  }
}

/** RFC 9449 §4.3 items 5 and 7: the key decides which algorithm it may be used with. */
function readKey(jwk: Record<string, unknown> | undefined, alg: unknown): KeyObject | null {
  if (!jwk || PRIVATE_MEMBERS.some((member) => member in jwk)) return null;
  const { kty, crv, x, y } = jwk;
  const suits = alg === "ES256" ? kty === "EC" && crv === "P-256" : kty === "OKP" && crv === "Ed25519";
  if (!suits || typeof x !== "string") return null;
  try {
    const members = kty === "EC" ? { kty, crv, x, y } : { kty, crv, x };
    return createPublicKey({ key: members as Record<string, string>, format: "jwk" });
  } catch {
    return null;
  }
}

const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

function isGenuine({ text, signature }: Parts, key: KeyObject): boolean {
  const data = Buffer.from(text);
  return key.asymmetricKeyType === "ed25519"
    ? verify(null, data, key, signature)
    : verify("sha256", data, { key, dsaEncoding: "ieee-p1363" }, signature);
}

/** An address without query and fragment, written as URLs are compared (RFC 3986 §6.2.2 and §6.2.3). */
function bareUri(text: string): string | null {
  const url = URL.parse(text);
  if (url?.protocol !== "https:" || url.username || url.password) return null;
  url.search = "";
  url.hash = "";
  return url.href;
}
