import { X509Certificate } from "node:crypto";
import { and, eq, gt, inArray } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { authorities } from "../../../db/schema/index.ts";
import { present } from "../../kernel/ensure.ts";
import { appendRecord } from "../audit/append.ts";
import { buildCrl } from "./engine/build-crl.ts";
import { readCrl } from "./engine/chain/read-crl.ts";
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
  const { id, crlNextUpdate, crlNumber } = root.row;
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
  const entries = revoked.map(({ certificatePem, revokedAt }) => ({
    serial: new X509Certificate(certificatePem).serialNumber.toLowerCase(),
    revokedAt: present(revokedAt, "when it was revoked"),
    reason: "authority-revoked" as const,
  }));
  const fresh = crlNextUpdate && crlNextUpdate.getTime() - now.getTime() > RENEW_MS;
  if (fresh && listsAll(root.row.crl, entries)) return 0;
  const nextUpdate = new Date(now.getTime() + LIST_LIFE_MS);
  const number = crlNumber + 1;
  const crl = await buildCrl(root.signer, {
    ...{ number, thisUpdate: now, nextUpdate },
    revoked: entries,
  });
  await tx
    .update(authorities)
    .set({ crl, crlNumber: number, crlAt: now, crlNextUpdate: nextUpdate })
    .where(eq(authorities.id, id));
  await appendRecord(tx, {
    kind: "root-list.signed",
    actor: { type: "system", id: "root" },
    now,
    details: { number, revoked: revoked.length, nextUpdate: nextUpdate.toISOString() },
  });
  return 1;
}

/** Whether a list names every one of these: by what it says, not by when it was made, for revocations commit in any order. */
function listsAll(crl: Buffer | null, entries: readonly { serial: string }[]): boolean {
  const list = crl ? readCrl(crl) : "none";
  if (typeof list === "string") return false;
  const listed = new Set([...list.revoked.keys()].map(plainSerial));
  return entries.every(({ serial }) => listed.has(plainSerial(serial)));
}

const plainSerial = (hex: string) => hex.replace(/^0+/, "");
