import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { startEmbedded } from "../embedded.ts";
import { migrateDatabase } from "../migrate.ts";

declare module "vitest" {
  interface ProvidedContext {
    databaseSuperUrl: string;
    databasePasswords: string;
  }
}

/** One real PostgreSQL for the run; each test file makes its own database from the migrated template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "vigil-test-"));
  chmodSync(dataDir, 0o711);
  const server = await startEmbedded(dataDir, { fsync: "off", max_connections: "400" });
  await migrateDatabase(server.urls.owner, { app: "vigil_app", reader: "vigil_reader" });
  project.provide("databaseSuperUrl", server.urls.super);
  project.provide("databasePasswords", JSON.stringify(server.urls));
  return async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
