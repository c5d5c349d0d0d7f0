import { desc } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { scopePolicies } from "../../../db/schema/index.ts";
import { UnavailableError } from "../../kernel/errors.ts";
import { readDocument } from "./engine/read-document.ts";
import type { ScopePolicy } from "./policy-schema.ts";

/**
 * The scope policy that counts now: the newest version.
 *
 * @throws UnavailableError `policy_missing` before the set-up wrote the first version.
 */
export async function currentPolicy(db: Database | Tx): Promise<ScopePolicy> {
  const [row] = await db
    .select({ document: scopePolicies.document })
    .from(scopePolicies)
    .orderBy(desc(scopePolicies.version))
    .limit(1);
  if (!row)
    throw new UnavailableError("policy_missing", "No scope policy was written yet, so nothing is allowed.");
  return readDocument(row.document);
}
