import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { namingClient } from "./name-statements.ts";
import * as schema from "./schema/index.ts";

export type Database = NodePgDatabase<typeof schema> & { $client: pg.Pool };
/** A transaction, or anything that can run one's queries. */
export type Tx = Parameters<Parameters<Database["transaction"]>[0]>[0];

/** A write transaction that takes longer holds up the sequencer for everybody, so the server ends it. */
const TRANSACTION_MS_MAX = 10_000;
const CONNECT_MS_MAX = 5_000;
/** A connection that died without a word gives no answer at all: the client gives up after the server would have. */
const QUERY_MS_MAX = 15_000;

/** PostgreSQL 17 and later end a long transaction themselves; earlier ones only its statements and its pauses. */
const LIMIT_TRANSACTION = `select set_config('transaction_timeout', $1, false)
  where current_setting('server_version_num')::int >= 170000`;

pg.types.setTypeParser(pg.types.builtins.INT8, (text) => Number(text));

/**
 * A pool over PostgreSQL for one process. Connections end by themselves when the server goes; the next
 * query opens new ones, so a caller sees one error and may try again.
 *
 * @param url `postgres://user:password@host:port/database`
 * @param options `keepPlans` for processes that ask the same few things very often.
 */
export function createDatabase(
  url: string,
  options: { applicationName: string; poolSize?: number; keepPlans?: boolean },
): Database {
  const pool = new pg.Pool({
    ...(options.keepPlans ? { Client: namingClient() } : {}),
    connectionString: url,
    max: options.poolSize ?? 10,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    query_timeout: QUERY_MS_MAX,
    keepAlive: true,
    idle_in_transaction_session_timeout: TRANSACTION_MS_MAX,
    onConnect: async (client) => {
      await client.query(LIMIT_TRANSACTION, [String(TRANSACTION_MS_MAX)]);
    },
    options: `-c timezone=UTC -c statement_timeout=${TRANSACTION_MS_MAX}`,
  });
  pool.on("error", () => undefined);
  // A client in use whose server dies says so by an event too; without a listener it would end the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return drizzle(pool, { schema });
}

/** Whether PostgreSQL refused a row because a unique key holds it already (SQLSTATE 23505). */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const cause = (error as { cause?: unknown }).cause ?? error;
  const { code, constraint: name } = cause as { code?: string; constraint?: string };
  return code === "23505" && (constraint === undefined || name === constraint);
}
