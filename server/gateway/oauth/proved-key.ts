import { errors, type KoaContextWithOIDC } from "oidc-provider";
import type { Database } from "../../../db/client.ts";
import { claimProof } from "../../layers/authorization/claim-proof.ts";
import { checkDpop } from "../../layers/authorization/engine/check-dpop.ts";

/**
 * The key that a token request asks its token to be bound to, beside the certificate (RFC 9449 §5): proved in this
 * request, and for the first time. Null where it names none.
 *
 * @throws InvalidDpopProof before anything is written.
 */
export async function provedKey(
  db: Database,
  ctx: Pick<KoaContextWithOIDC, "req">,
  uri: string,
  now: Date,
): Promise<string | null> {
  const { dpop } = ctx.req.headers;
  if (dpop === undefined) return null;
  const decision = checkDpop(String(dpop), { method: "POST", uri, accessToken: null, jkt: null }, now);
  if (decision.outcome === "deny")
    throw new errors.InvalidDpopProof(decision.checks.find((check) => !check.passed)?.detail ?? "");
  if (!(await claimProof(db, decision.proof)))
    throw new errors.InvalidDpopProof("This proof was used before. Make a new one for each request.");
  return decision.proof.jkt;
}
