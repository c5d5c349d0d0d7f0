import { UnauthenticatedError } from "../../kernel/errors.ts";
import { checkDpop } from "../../layers/authorization/engine/check-dpop.ts";
import type { Caller } from "./identify-caller.ts";
import { type AgentRequest, passed, refuse, type Step, type VerifiedToken, type World } from "./world.ts";

/** Whether the access token is genuine, live, this agent's, and bound to this connection's certificate (RFC 8705 §3). */
export async function authorizeRequest(
  world: World,
  caller: Caller,
  request: Pick<AgentRequest, "headers" | "method" | "targetUri">,
  now: Date,
): Promise<Step<{ token: VerifiedToken }>> {
  if (request.targetUri.includes("?") && new URL(request.targetUri).searchParams.has("access_token"))
    return refuse(
      400,
      "token_in_query",
      "An access token in the address is in logs, too: it counts for nothing. Send it as Authorization alone.",
    );
  const [scheme, credentials, more] = (request.headers.authorization ?? "").split(" ");
  const byProof = scheme?.toLowerCase() === "dpop";
  if ((!byProof && scheme?.toLowerCase() !== "bearer") || !credentials || more !== undefined)
    return refuse(401, "token_missing", "The request carries no access token: send Authorization: Bearer ….");
  let token: VerifiedToken;
  try {
    token = await world.verifyToken(credentials, now);
  } catch (error) {
    if (error instanceof UnauthenticatedError) return refuse(401, error.code, error.message);
    throw error;
  }
  if (token.subject !== caller.agent.did)
    return refuse(401, "token_foreign", "This access token was issued to another agent.", { token });
  if (token.boundTo !== caller.credential.thumbprint)
    return refuse(
      401,
      "token_not_bound",
      "This access token is bound to another certificate. Ask for a new token over this connection.",
      { token },
    );
  if (world.isTokenRevoked(token.jti))
    return refuse(401, "token_revoked", "This access token was revoked. Ask for a new one.", {
      facts: { tokenId: token.jti, grantIds: token.grantIds.join(" ") },
      token,
    });
  const checks = [passed("token", "The access token is live and bound to this certificate.")];
  if (token.jkt === null && !byProof) return { ok: true, token, checks };
  const proved = await checkProof(world, request, { token, text: credentials, byProof }, now);
  return proved.ok ? { ok: true, token, checks: [...checks, ...proved.checks] } : proved;
}

/** Whether the request proves the key that its token is bound to, once (RFC 9449 §7). */
async function checkProof(
  world: Pick<World, "claimProof">,
  request: Pick<AgentRequest, "headers" | "method" | "targetUri">,
  { token, text, byProof }: { token: VerifiedToken; text: string; byProof: boolean },
  now: Date,
): Promise<Step<object>> {
  if (token.jkt === null)
    return refuse(
      401,
      "token_without_key",
      "This access token is bound to no key: send Authorization: Bearer ….",
      { token },
    );
  if (!byProof)
    return refuse(
      401,
      "token_needs_proof",
      "This access token is bound to a key, too: send Authorization: DPoP … and a proof (RFC 9449).",
      { token },
    );
  const { method, targetUri: uri, headers } = request;
  const decision = checkDpop(headers.dpop, { method, uri, accessToken: text, jkt: token.jkt }, now);
  if (decision.outcome === "deny") {
    const broken = decision.checks.find((check) => !check.passed);
    return refuse(
      401,
      "dpop_proof_invalid",
      `The proof does not hold. What must be true and is not: ${broken?.detail ?? ""}`,
      { checks: decision.checks, facts: { check: broken?.id ?? "" }, token },
    );
  }
  if (!(await world.claimProof(decision.proof)))
    return refuse(
      401,
      "dpop_proof_replayed",
      "This proof was used before. Make a new one for each request.",
      {
        token,
      },
    );
  return { ok: true, checks: [passed("proof", "The request proves the key that the token is bound to.")] };
}
