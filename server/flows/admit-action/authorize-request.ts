import { UnauthenticatedError } from "../../kernel/errors.ts";
import type { Caller } from "./identify-caller.ts";
import { type AgentRequest, passed, refuse, type Step, type VerifiedToken, type World } from "./world.ts";

/** Whether the access token is genuine, live, this agent's, and bound to this connection's certificate (RFC 8705 §3). */
export async function authorizeRequest(
  world: World,
  caller: Caller,
  request: Pick<AgentRequest, "headers" | "targetUri">,
  now: Date,
): Promise<Step<{ token: VerifiedToken }>> {
  if (request.targetUri.includes("?") && new URL(request.targetUri).searchParams.has("access_token"))
    return refuse(
      400,
      "token_in_query",
      "An access token in the address is in logs, too: it counts for nothing. Send it as Authorization alone.",
    );
  const [scheme, credentials, more] = (request.headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "bearer" || !credentials || more !== undefined)
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
  return {
    ok: true,
    token,
    checks: [passed("token", "The access token is live and bound to this certificate.")],
  };
}
