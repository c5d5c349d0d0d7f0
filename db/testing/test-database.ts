import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { createDatabase, type Database } from "../client.ts";
import type { DatabaseUrls } from "../embedded.ts";

/** A database of its own for one test file, migrated, with the same three roles as in production. */
export type TestDatabase = {
  db: Database;
  urls: DatabaseUrls;
  asSuper: <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>;
  close: () => Promise<void>;
};

/** Makes the database; call it in `beforeAll` and `close` in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const shared = JSON.parse(inject("databasePasswords")) as DatabaseUrls;
  const name = `test_${randomBytes(6).toString("hex")}`;
  const renamed = (url: string) => url.replace(/\/[^/]*$/, `/${name}`);
  const urls = {
    app: renamed(shared.app),
    owner: renamed(shared.owner),
    reader: renamed(shared.reader),
    super: renamed(shared.super),
  };
  await withClient(shared.super.replace(/\/[^/]*$/, "/postgres"), async (client) => {
    await client.query("select pg_advisory_lock(42)");
    await client.query(`create database ${name} template vigil owner vigil_owner`);
  });
  const db = createDatabase(urls.app, { applicationName: "vigil-test", poolSize: 20 });
  return {
    db,
    urls,
    asSuper: (work) => withClient(urls.super, work),
    close: async () => {
      await db.$client.end();
      await withClient(shared.super.replace(/\/[^/]*$/, "/postgres"), (client) =>
        client.query(`drop database ${name} with (force)`),
      );
    },
  };
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
