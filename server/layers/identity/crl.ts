import { and, desc, eq, inArray } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { authorities } from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { ISSUERS } from "./schema.ts";

/**
 * The newest revocation list of an issuing authority, DER (`application/pkix-crl`). Public.
 *
 * @param ca the authority's purpose, from the URL: attacker-controlled.
 * @throws NotFoundError `crl_unknown` where there is no such authority or its first list is not signed yet.
 */
export async function crl(db: Database, ca: string): Promise<Buffer> {
  const [row] = await db
    .select({ crl: authorities.crl })
    .from(authorities)
    .where(
      and(
        eq(authorities.purpose, ca),
        inArray(authorities.purpose, [...ISSUERS]),
        eq(authorities.status, "active"),
      ),
    )
    .orderBy(desc(authorities.createdAt))
    .limit(1);
  if (!row?.crl)
    throw new NotFoundError(
      "crl_unknown",
      `There is no revocation list of that name. There are: ${ISSUERS.join(", ")}.`,
    );
  return row.crl;
}
