import { eq } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { authorities } from "../../../db/schema/index.ts";
import type { Signer } from "./engine/build-certificate.ts";
import { buildCrl } from "./engine/build-crl.ts";
import type { AuthorityRow } from "./store.ts";

const DAY_MS = 86_400_000;
/** The root's key is opened at a set-up alone, so its list lives until well after the next one. */
const ROOT_LIST_LIFE_MS = 365 * DAY_MS;
const RENEW_AFTER_MS = 30 * DAY_MS;

/**
 * Signs the root's revocation list where it has none or one of more than thirty days, in the caller's transaction:
 * what verifies a whole chain (RFC 5280 §6.3) asks for the issuing authorities' standing, too.
 *
 * @returns whether a list was signed.
 */
export async function signRootList(
  tx: Tx,
  wanted: { root: AuthorityRow; signer: Signer; now: Date },
): Promise<boolean> {
  const { root, signer, now } = wanted;
  if (root.crlAt && now.getTime() - root.crlAt.getTime() < RENEW_AFTER_MS) return false;
  const number = root.crlNumber + 1;
  const nextUpdate = new Date(now.getTime() + ROOT_LIST_LIFE_MS);
  const crl = await buildCrl(signer, { number, thisUpdate: now, nextUpdate, revoked: [] });
  await tx
    .update(authorities)
    .set({ crl, crlNumber: number, crlAt: now, crlNextUpdate: nextUpdate })
    .where(eq(authorities.id, root.id));
  return true;
}
