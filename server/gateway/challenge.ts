import { DPOP_ALGORITHMS } from "../layers/authorization/engine/check-dpop.ts";

/** Codes of refusals that say nothing against the token: another would change nothing. */
const NOT_THE_TOKEN = /^(signature|nonce)_/;
/** What a quoted value of a challenge may hold (RFC 6750 §3). */
const UNQUOTABLE = /[^\x20-\x21\x23-\x5b\x5d-\x7e]/g;

/**
 * The `WWW-Authenticate` field of a refusal (RFC 6750 §3; RFC 8705 §3 where the certificate is another's or missing;
 * RFC 9449 §7.1 for proofs): the standard's error, with our sentence. Our own code stays in the body.
 *
 * @param authorization the request's field: without one the challenge names no error (RFC 6750 §3.1).
 * @returns null where the standard asks for none.
 */
export function challengeOf(
  { status, code, message }: { status: number; code: string; message: string },
  authorization: string | undefined,
): string | null {
  if (status === 400 && code === "token_in_query") return challenge("invalid_request", message);
  if (status === 403 && code === "insufficient_scope") return challenge("insufficient_scope", message);
  if (status !== 401) return null;
  if (!authorization || code === "token_missing" || NOT_THE_TOKEN.test(code)) return "Bearer";
  if (code.startsWith("dpop_")) return challenge("invalid_dpop_proof", message, "DPoP");
  const byProof = code === "token_needs_proof" || /^dpop /i.test(authorization);
  return challenge("invalid_token", message, byProof && code !== "token_without_key" ? "DPoP" : "Bearer");
}

function challenge(error: string, message: string, scheme: "Bearer" | "DPoP" = "Bearer"): string {
  const description = message.replaceAll("…", "...").replaceAll('"', "'").replace(UNQUOTABLE, "?");
  const algorithms = scheme === "DPoP" ? `, algs="${DPOP_ALGORITHMS.join(" ")}"` : "";
  return `${scheme} error="${error}", error_description="${description}"${algorithms}`;
}
