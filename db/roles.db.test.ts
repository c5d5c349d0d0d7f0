import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "./testing/test-database.ts";

const SECRETS = ["sealed_keys", "accounts", "two_factors", "sessions", "api_keys", "verifications"];
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const asRole = async (url: string, statements: readonly string[], code: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements)
      await expect(client.query(statement), statement).rejects.toMatchObject({ code });
  } finally {
    await client.end();
  }
};
const DENIED = "42501";

test("writer, reader and owner are three roles, and none of them is a superuser", async () => {
  const { app, reader, owner } = database.urls;
  const names = [app, reader, owner].map((url) => new URL(url).username);
  expect(new Set(names).size).toBe(3);
  await database.asSuper(async (client) => {
    const { rows } = await client.query(
      "select rolname, rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = any($1)",
      [names],
    );
    expect(rows).toHaveLength(3);
    for (const row of rows)
      expect(row).toMatchObject({ rolsuper: false, rolbypassrls: false, rolcreaterole: false });
  });
});

test("the reader reads the evidence, writes nothing, and sees no secret", async () => {
  const { rows } = await database.asSuper((client) =>
    client.query("select tablename from pg_tables where schemaname = 'public'"),
  );
  const tables: string[] = rows.map(({ tablename }) => tablename);
  expect(tables).toEqual(expect.arrayContaining(["audit_records", "audit_chain", ...SECRETS]));
  const writing = tables.flatMap((table) => [`delete from ${table}`, `insert into ${table} default values`]);
  await asRole(database.urls.reader, writing, DENIED);
  await asRole(
    database.urls.reader,
    SECRETS.map((table) => `select 1 from ${table}`),
    DENIED,
  );
  const client = new pg.Client({ connectionString: database.urls.reader });
  await client.connect();
  await expect(client.query("select count(*) from audit_records")).resolves.toBeTruthy();
  await client.end();
});

test("the writer owns nothing: it cannot drop a table, a trigger or what guards them", async () => {
  await asRole(
    database.urls.app,
    [
      "drop table audit_records",
      "alter table audit_records disable trigger refuse_change",
      "drop trigger refuse_change on audit_records",
      "alter table audit_records add column note text",
      "update audit_records set actor = 'x'",
      "create or replace function refuse_change() returns trigger language plpgsql as 'begin return old; end'",
      "set role vigil_owner",
      "set session_replication_role = replica",
    ],
    DENIED,
  );
});

test("the writer changes of a decision only how it ended, and no key, deadline or kind of console", async () => {
  await asRole(
    database.urls.app,
    [
      "update approvals set scope = 'payments:execute'",
      "update approvals set requested_by = 'nobody'",
      "update grants set expires_at = null",
      "update access_tokens set expires_at = 'infinity'",
      "update credentials set public_jwk = '{}'",
      "update credentials set not_after = 'infinity'",
      "update clocks set due_at = 'infinity'",
      "update join_tokens set expires_at = 'infinity'",
      "update api_keys set user_id = 'admin'",
      "update audit_keys set public_jwk = '{}'",
      "update sealed_keys set public_jwk = '{}'",
      "update installation set kind = 'live'",
    ],
    DENIED,
  );
});

test("the writer takes nothing away but what is transient", async () => {
  const { rows } = await database.asSuper((client) =>
    client.query(
      `select table_name as tablename from information_schema.table_privileges
        where table_schema = 'public' and grantee = 'vigil_app' and privilege_type = 'DELETE'`,
    ),
  );
  const deletable = rows.map(({ tablename }) => tablename).sort();
  expect(deletable).toEqual(
    [
      ...[
        "alert_occurrences",
        "api_keys",
        "oauth_artefacts",
        "observed_connections",
        "peer_priors",
        "places",
        "processes",
        "rate_limits",
        "request_nonces",
        "revocations",
        "sessions",
      ],
      ...[
        "setup_links",
        "trust_scores",
        "two_factors",
        "used_assertions",
        "verifications",
        "window_deltas",
        "window_slices",
      ],
    ].sort(),
  );
});
