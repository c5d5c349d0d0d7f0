import type { Database, Tx } from "../../../db/client.ts";
import { base64url, sha256 } from "../../kernel/hash.ts";
import { claimAssertion } from "./claim-assertion.ts";
import { DPOP_AGE_SECONDS_MAX, type DpopProof } from "./engine/check-dpop.ts";

/** Whether a proof of possession (RFC 9449 §11.1) is used for the first time, at whichever gateway; of two at once, one is. */
export async function claimProof(db: Database | Tx, { jkt, jti, issuedAt }: DpopProof): Promise<boolean> {
  const id = `dpop:${base64url(sha256(`${jkt} ${jti}`))}`;
  // Forgotten only once its own age refuses it, by a clock that is a minute behind, too.
  const expiresAt = new Date(issuedAt.getTime() + 2 * DPOP_AGE_SECONDS_MAX * 1000);
  return claimAssertion(db, { id, expiresAt });
}
