import { eq } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { authorities, credentials } from "../../../db/schema/index.ts";
import { present } from "../../kernel/ensure.ts";
import type { IssuedCertificate } from "./schema.ts";

/** A certificate as its agent gets it: its own, and its issuer's, which the agent sends along. */
export async function readIssuedCertificate(
  db: Database | Tx,
  credentialId: string,
): Promise<IssuedCertificate> {
  const [row] = await db
    .select({ certificatePem: credentials.certificatePem, chainPem: authorities.certificatePem })
    .from(credentials)
    .innerJoin(authorities, eq(authorities.id, credentials.authorityId))
    .where(eq(credentials.id, credentialId));
  return present(row, "the credential");
}
