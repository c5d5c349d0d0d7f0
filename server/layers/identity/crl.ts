import { and, desc, eq, inArray } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { authorities } from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { derOf } from "./engine/chain/pem.ts";
import { readCertificate } from "./engine/chain/read-certificate.ts";
import { ISSUERS } from "./schema.ts";

const LISTED = ["root", ...ISSUERS] as const;

/**
 * The newest revocation list of an authority, DER (`application/pkix-crl`). Public. An authority that has a successor
 * goes on having a list of its own, found by its key.
 *
 * @param ca the authority's purpose, or its subject key id in hex, from the URL: attacker-controlled.
 * @throws NotFoundError `crl_unknown` where there is no such authority or its first list is not signed yet.
 */
export async function crl(db: Database, ca: string): Promise<Buffer> {
  const rows = await db
    .select({ purpose: authorities.purpose, crl: authorities.crl, pem: authorities.certificatePem })
    .from(authorities)
    .where(and(inArray(authorities.purpose, [...LISTED]), eq(authorities.status, "active")))
    .orderBy(desc(authorities.createdAt), desc(authorities.id));
  const row = rows.find(({ purpose, pem }) => purpose === ca || subjectKeyId(pem) === ca);
  if (!row?.crl)
    throw new NotFoundError(
      "crl_unknown",
      `There is no revocation list of that name. There are: ${LISTED.join(", ")}.`,
    );
  return row.crl;
}

function subjectKeyId(pem: string): string | null {
  const [der] = derOf(pem, "CERTIFICATE");
  const certificate = der ? readCertificate(der) : "none";
  return typeof certificate === "string" ? null : certificate.extensions.subjectKeyId;
}
