import path from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";

/** Tables whose rows are evidence: the application may add rows and read them, and that is all. */
export const INSERT_ONLY_TABLES = [
  "audit_records",
  "audit_payloads",
  "audit_chain",
  "audit_checkpoints",
  "incident_facts",
  "determinations",
  "approval_votes",
  "snapshots",
  "scope_policies",
] as const;

const MIGRATION_LOCK = 0x7669676c;

/**
 * Brings the schema up to date and gives each role its rights: the application may not update, delete or
 * truncate evidence, the reader may only read. Forward only; several processes may call it at once.
 *
 * @param ownerUrl the role that owns the schema.
 * @param roles names of the application's and the reader's roles; null where they are the owner itself.
 */
export async function migrateDatabase(
  ownerUrl: string,
  roles: { app: string | null; reader: string | null },
): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: "vigil-migrate" });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await applyMigrations(drizzle(client), {
      migrationsFolder: path.join(import.meta.dirname, "migrations"),
    });
    await grantRights(client, roles);
  } finally {
    await client.end();
  }
}

async function grantRights(
  client: pg.Client,
  roles: { app: string | null; reader: string | null },
): Promise<void> {
  if (roles.app) {
    const app = client.escapeIdentifier(roles.app);
    await client.query(`grant usage on schema public to ${app}`);
    await client.query(`grant select, insert, update, delete on all tables in schema public to ${app}`);
    await client.query(`grant usage, select on all sequences in schema public to ${app}`);
    await client.query(`revoke update, delete, truncate on ${INSERT_ONLY_TABLES.join(", ")} from ${app}`);
  }
  if (roles.reader) {
    const reader = client.escapeIdentifier(roles.reader);
    await client.query(`grant usage on schema public to ${reader}`);
    await client.query(`grant select on all tables in schema public to ${reader}`);
    await client.query(
      `revoke select on sealed_keys, accounts, two_factors, sessions, api_keys, verifications from ${reader}`,
    );
  }
}
