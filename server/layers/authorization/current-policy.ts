import { desc, sql } from "drizzle-orm";
import { PgTransaction } from "drizzle-orm/pg-core";
import type { Database, Tx } from "../../../db/client.ts";
import { scopePolicies } from "../../../db/schema/index.ts";
import { UnavailableError } from "../../kernel/errors.ts";
import { readDocument } from "./engine/read-document.ts";
import type { ScopePolicy } from "./policy-schema.ts";

/** Whoever decides by the policy shares this until their transaction ends (`held_policy`); whoever changes it waits. */
const POLICY_LOCK = sql`hashtextextended('scope policy', 0)`;

/**
 * The scope policy that counts now: the newest version. In a transaction it stays so until the transaction ends, so
 * that nothing is decided by a version while the next one ends what it allowed.
 *
 * @throws UnavailableError `policy_missing` before the set-up wrote the first version.
 */
export async function currentPolicy(db: Database | Tx): Promise<ScopePolicy> {
  const [row] = db instanceof PgTransaction ? await held(db) : await newest(db);
  if (!row?.document)
    throw new UnavailableError("policy_missing", "No scope policy was written yet, so nothing is allowed.");
  return readDocument(row.document);
}

function newest(db: Database | Tx): Promise<{ document: unknown }[]> {
  return db
    .select({ document: scopePolicies.document })
    .from(scopePolicies)
    .orderBy(desc(scopePolicies.version))
    .limit(1);
}

async function held(tx: Tx): Promise<{ document: unknown }[]> {
  return (await tx.execute<{ document: unknown }>(sql`select held_policy() as document`)).rows;
}

/** Waits until nobody decides by the policy any more, and lets nobody begin until the transaction ends. */
export async function lockPolicy(tx: Tx): Promise<ScopePolicy> {
  await tx.execute(sql`select pg_advisory_xact_lock(${POLICY_LOCK})`);
  return currentPolicy(tx);
}
