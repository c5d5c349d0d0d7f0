import { desc, sql } from "drizzle-orm";
import { PgTransaction } from "drizzle-orm/pg-core";
import type { Database, Tx } from "../../../db/client.ts";
import { scopePolicies } from "../../../db/schema/index.ts";
import { UnavailableError } from "../../kernel/errors.ts";
import { readDocument } from "./engine/read-document.ts";
import type { ScopePolicy } from "./policy-schema.ts";

/** Whoever decides by the policy shares it until their transaction ends; whoever changes it waits for them. */
const POLICY_LOCK = sql`hashtextextended('scope policy', 0)`;

/**
 * The scope policy that counts now: the newest version. In a transaction it stays so until the transaction ends, so
 * that nothing is decided by a version while the next one ends what it allowed.
 *
 * @throws UnavailableError `policy_missing` before the set-up wrote the first version.
 */
export async function currentPolicy(db: Database | Tx): Promise<ScopePolicy> {
  await holdPolicy(db);
  const [row] = await db
    .select({ document: scopePolicies.document })
    .from(scopePolicies)
    .orderBy(desc(scopePolicies.version))
    .limit(1);
  if (!row)
    throw new UnavailableError("policy_missing", "No scope policy was written yet, so nothing is allowed.");
  return readDocument(row.document);
}

/** Lets no other version come until the transaction ends; outside of one there is nothing to hold. */
async function holdPolicy(db: Database | Tx): Promise<void> {
  if (db instanceof PgTransaction) await db.execute(sql`select pg_advisory_xact_lock_shared(${POLICY_LOCK})`);
}

/** Waits until nobody decides by the policy any more, and lets nobody begin until the transaction ends. */
export async function lockPolicy(tx: Tx): Promise<ScopePolicy> {
  await tx.execute(sql`select pg_advisory_xact_lock(${POLICY_LOCK})`);
  return currentPolicy(tx);
}

/**
 * As `currentPolicy`, for who asks at every request of one database: the version is asked for each time, and a document
 * that is held already is neither sent nor read again. A version is never changed once written.
 */
export function keptPolicy(): (db: Database | Tx) => Promise<ScopePolicy> {
  let held: ScopePolicy | null = null;
  return async (db) => {
    await holdPolicy(db);
    const { version, document } = scopePolicies;
    const known = held;
    const [row] = await db
      .select({
        version,
        document: sql`case when ${version} is distinct from ${known?.version ?? null}::int then ${document} end`,
      })
      .from(scopePolicies)
      .orderBy(desc(version))
      .limit(1);
    if (known && row?.version === known.version) return known;
    if (!row) return currentPolicy(db);
    held = readDocument(row.document);
    return held;
  };
}
