import { and, eq, gt } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { authorities, credentials } from "../../../db/schema/index.ts";
import { present } from "../../kernel/ensure.ts";
import type { Signer } from "./engine/build-certificate.ts";
import { buildCrl } from "./engine/build-crl.ts";
import { type AuthorityRow, authoritiesDueForList } from "./store.ts";

const LIST_LIFE_MS = 24 * 3_600_000;
const RENEW_MS = LIST_LIFE_MS / 2;

/**
 * Signs the revocation list of each authority of which something was revoked since its last list, or whose
 * list ends soon, in the caller's transaction.
 *
 * @returns how many lists were signed.
 */
export async function signRevocationLists(
  tx: Tx,
  wanted: { openSigner: (authority: AuthorityRow) => Promise<Signer>; now: Date },
): Promise<number> {
  const { openSigner, now } = wanted;
  const due = await authoritiesDueForList(tx, new Date(now.getTime() + RENEW_MS));
  for (const authority of due) {
    const number = authority.crlNumber + 1;
    const nextUpdate = new Date(now.getTime() + LIST_LIFE_MS);
    const revoked = await revokedOf(tx, authority, now);
    const crl = await buildCrl(await openSigner(authority), { number, thisUpdate: now, nextUpdate, revoked });
    await tx
      .update(authorities)
      .set({ crl, crlNumber: number, crlAt: listInstant(now, revoked), crlNextUpdate: nextUpdate })
      .where(eq(authorities.id, authority.id));
  }
  return due.length;
}

type Revoked = { serial: string; revokedAt: Date; reason: string | null };

async function revokedOf(tx: Tx, authority: AuthorityRow, now: Date): Promise<Revoked[]> {
  const rows = await tx
    .select({
      serial: credentials.serial,
      revokedAt: credentials.revokedAt,
      reason: credentials.revokeReason,
    })
    .from(credentials)
    .where(
      and(
        eq(credentials.authorityId, authority.id),
        eq(credentials.status, "revoked"),
        gt(credentials.notAfter, now),
      ),
    )
    .orderBy(credentials.revokedAt);
  return rows.map((row) => ({ ...row, revokedAt: present(row.revokedAt, "when it was revoked") }));
}

/**
 * What the list covers: everything revoked up to here. Another process's clock may be ahead of this one's,
 * so the newest revocation counts where it is later.
 */
function listInstant(now: Date, revoked: readonly Revoked[]): Date {
  const newest = revoked.at(-1)?.revokedAt;
  return newest && newest > now ? newest : now;
}
