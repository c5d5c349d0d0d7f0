import path from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { grantRights } from "./rights.ts";

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
