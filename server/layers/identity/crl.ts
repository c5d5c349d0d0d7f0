import { and, desc, eq, inArray } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { authorities } from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { subjectKeyIdOf } from "./engine/build-certificate.ts";
import { ISSUERS } from "./schema.ts";

const LISTED = ["root", ...ISSUERS] as const;

/**
 * The newest revocation list of an authority, DER (`application/pkix-crl`). Public.
 *
 * @param ca from the URL, attacker-controlled: a purpose, for the authority that signs now, or the subject key
 *   identifier of any authority in lower-case hex, which a certificate names as its authority key identifier.
 * @throws NotFoundError `crl_unknown` where there is no such authority or its first list is not signed yet.
 */
export async function crl(db: Database, ca: string): Promise<Buffer> {
  const isPurpose = LISTED.some((purpose) => purpose === ca);
  const rows = await db
    .select({ certificatePem: authorities.certificatePem, crl: authorities.crl })
    .from(authorities)
    .where(
      and(
        inArray(authorities.purpose, [...LISTED]),
        isPurpose ? and(eq(authorities.purpose, ca), eq(authorities.status, "active")) : undefined,
      ),
    )
    .orderBy(desc(authorities.createdAt));
  const row = isPurpose ? rows[0] : rows.find(({ certificatePem }) => subjectKeyIdOf(certificatePem) === ca);
  if (!row?.crl)
    throw new NotFoundError(
      "crl_unknown",
      `There is no revocation list of that name. There are: ${LISTED.join(", ")}, and one for each authority's key identifier.`,
    );
  return row.crl;
}
