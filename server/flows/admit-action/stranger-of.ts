import { VigilError } from "../../kernel/errors.ts";
import { parseSignatureHeaders } from "../../kernel/http-signature.ts";
import { tokenClaim } from "../../layers/identity/engine/claimed-identity.ts";
import type { AgentRequest, Stranger, World } from "./world.ts";

/**
 * Whom a refused request named that nobody registered: the key of its signature, or the subject of its token. Looked
 * at after a refusal alone, so that what is admitted pays nothing for it.
 *
 * @param code the refusal's code.
 * @returns null where the request names nobody unknown.
 */
export function strangerOf(
  world: Pick<World, "signatureCredential" | "agentByDid">,
  request: Pick<AgentRequest, "headers" | "sourceIp">,
  code: string,
): Stranger | null {
  const { headers, sourceIp } = request;
  if (code === "signature_key_unknown") {
    const keyId = statedKey(headers);
    return keyId && !world.signatureCredential(keyId)
      ? { way: "signature_key", claimed: `key ${keyId}`, issuer: "", evidence: keyId, sourceIp }
      : null;
  }
  if (!TOKEN_REFUSALS.includes(code)) return null;
  const claim = tokenClaim((headers.authorization ?? "").split(" ")[1] ?? "");
  return claim && !world.agentByDid(claim.subject)
    ? { way: "token_subject", claimed: claim.subject, issuer: claim.issuer, evidence: "", sourceIp }
    : null;
}

const TOKEN_REFUSALS: readonly string[] = [
  "token_foreign",
  "token_invalid",
  "token_claim_wrong",
  "token_unbound",
  "token_expired",
  "token_too_early",
  "token_key_unknown",
];

function statedKey(headers: AgentRequest["headers"]): string | null {
  try {
    return parseSignatureHeaders(headers).keyId;
  } catch (error) {
    if (error instanceof VigilError) return null;
    throw error;
  }
}
