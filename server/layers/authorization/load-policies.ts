import { inArray } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { scopePolicies } from "../../../db/schema/index.ts";
import { readDocument } from "./engine/read-document.ts";
import type { ScopePolicy } from "./policy-schema.ts";

/** Versions of the policy, by number: what was asked is judged by the version that it was asked under. */
export async function loadPolicies(
  db: Database | Tx,
  versions: readonly number[],
): Promise<Map<number, ScopePolicy>> {
  if (versions.length === 0) return new Map();
  const rows = await db
    .select({ version: scopePolicies.version, document: scopePolicies.document })
    .from(scopePolicies)
    .where(inArray(scopePolicies.version, [...new Set(versions)]));
  return new Map(rows.map(({ version, document }) => [version, readDocument(document)]));
}
