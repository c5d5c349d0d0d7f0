import { eq } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { authorityRequests } from "../../../db/schema/index.ts";
import type { KeyStore } from "../../keys/key-store.ts";
import { openAuthorityRequests } from "./authority-store.ts";
import { certifyAuthority } from "./create-authority.ts";
import { createTransportAnchor } from "./create-transport-anchor.ts";
import type { Signer } from "./engine/build-certificate.ts";
import type { Issuer } from "./schema.ts";
import type { AuthorityRow } from "./store.ts";

/**
 * Makes the authorities that people asked for, in the caller's transaction: each is prepared, which means trusted and
 * not signing. The doors hear of a transport authority's anchor at commit.
 *
 * @param keys the worker's key store: the one role that will sign with the new keys.
 * @returns how many were made.
 */
export async function answerAuthorityRequests(
  tx: Tx,
  by: { root: Signer; keys: KeyStore; openSigner: (row: AuthorityRow) => Promise<Signer>; now: Date },
): Promise<number> {
  const { root, keys, openSigner, now } = by;
  const requests = await openAuthorityRequests(tx, true);
  for (const request of requests) {
    const purpose = request.purpose as Issuer;
    const row = await certifyAuthority(tx, { purpose, keys, root, now, status: "prepared", first: false });
    if (purpose === "transport")
      await createTransportAnchor(tx, { transport: { row, signer: await openSigner(row) }, now });
    await tx
      .update(authorityRequests)
      .set({ answeredAt: now, authorityId: row.id })
      .where(eq(authorityRequests.id, request.id));
  }
  if (requests.length > 0) await notify(tx, "certificate", "door");
  return requests.length;
}
