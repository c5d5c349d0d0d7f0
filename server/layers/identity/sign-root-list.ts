import { X509Certificate } from "node:crypto";
import { and, eq, gt, inArray } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { authorities } from "../../../db/schema/index.ts";
import { present } from "../../kernel/ensure.ts";
import { appendRecord } from "../audit/append.ts";
import { buildCrl } from "./engine/build-crl.ts";
import type { OpenAuthority } from "./open-authority.ts";
import { ISSUERS } from "./schema.ts";

/** The root may be offline for weeks: its list lives long, and is renewed whenever the root is at hand. */
const LIST_LIFE_MS = 90 * 86_400_000;
const RENEW_MS = LIST_LIFE_MS / 2;

/**
 * Signs the root's revocation list, in the caller's transaction, where none is there, the one there ends soon, or an
 * authority was revoked since.
 *
 * @returns how many lists were signed: 0 or 1.
 */
export async function signRootList(tx: Tx, by: { root: OpenAuthority; now: Date }): Promise<number> {
  const { root, now } = by;
  const { id, crlAt, crlNextUpdate, crlNumber } = root.row;
  const revoked = await tx
    .select({ certificatePem: authorities.certificatePem, revokedAt: authorities.revokedAt })
    .from(authorities)
    .where(
      and(
        inArray(authorities.purpose, [...ISSUERS]),
        eq(authorities.status, "revoked"),
        gt(authorities.notAfter, now),
      ),
    )
    .orderBy(authorities.revokedAt);
  const newest = revoked.at(-1)?.revokedAt;
  const current = crlAt && crlNextUpdate && crlNextUpdate.getTime() - now.getTime() > RENEW_MS;
  if (current && (!newest || newest <= crlAt)) return 0;
  const nextUpdate = new Date(now.getTime() + LIST_LIFE_MS);
  const number = crlNumber + 1;
  const crl = await buildCrl(root.signer, {
    ...{ number, thisUpdate: now, nextUpdate },
    revoked: revoked.map(({ certificatePem, revokedAt }) => ({
      serial: new X509Certificate(certificatePem).serialNumber.toLowerCase(),
      revokedAt: present(revokedAt, "when it was revoked"),
      reason: "authority-revoked",
    })),
  });
  await tx
    .update(authorities)
    // Another process's clock may be ahead: the newest revocation counts where it is later.
    .set({ crl, crlNumber: number, crlAt: newest && newest > now ? newest : now, crlNextUpdate: nextUpdate })
    .where(eq(authorities.id, id));
  await appendRecord(tx, {
    kind: "root-list.signed",
    actor: { type: "system", id: "root" },
    now,
    details: { number, revoked: revoked.length, nextUpdate: nextUpdate.toISOString() },
  });
  return 1;
}
