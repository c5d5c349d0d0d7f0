import { getTableColumns, getTableName, is, sql } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import type { Database } from "../../db/client.ts";
import * as schema from "../../db/schema/index.ts";
import { scoringLagOf } from "../layers/monitoring/engine/scoring-lag.ts";
import { saidOfScoring } from "../layers/monitoring/lag-store.ts";
import { loadAuditFacts } from "./overview/load-audit-facts.ts";

export type HealthPart = { part: string; ready: boolean; detail: string };
export type Health = { status: "ready" | "not_ready"; at: string; parts: HealthPart[] };

const ALIVE_SECONDS = 5;
const UNCHAINED_MS_MAX = 5_000;
const UNPROVABLE_MS_MAX = 10_000;
const UNSCORED_MS_MAX = 60_000;

/** Whether each part of the installation works, measured now. Never throws: a part that cannot be asked is not ready. */
export async function readHealth(db: Database, now: Date): Promise<Health> {
  const database = await ask("database", async () => {
    await db.execute(sql`select 1`);
    return { ready: true, detail: "answers" };
  });
  const parts = database.ready
    ? await Promise.all([
        ask("migrations", () => migrationsPart(db)),
        ask("gateway", () => gatewayPart(db, now)),
        ask("worker", () => alivePart(db, "worker", now)),
        ask("sequencer", () => sequencerPart(db, now)),
        ask("checkpoint", () => checkpointPart(db, now)),
        ask("scoring", () => scoringPart(db, now)),
      ])
    : ["migrations", "gateway", "worker", "sequencer", "checkpoint", "scoring"].map((part) => ({
        part,
        ready: false,
        detail: "not known while the database does not answer",
      }));
  const all = [database, ...parts];
  return {
    status: all.every(({ ready }) => ready) ? "ready" : "not_ready",
    at: now.toISOString(),
    parts: all,
  };
}

async function ask(part: string, measure: () => Promise<Omit<HealthPart, "part">>): Promise<HealthPart> {
  try {
    return { part, ...(await measure()) };
  } catch {
    return { part, ready: false, detail: "does not answer" };
  }
}

/** Every column that this program knows is in the database. */
async function migrationsPart(db: Database): Promise<Omit<HealthPart, "part">> {
  const { rows } = await db.execute<{ name: string }>(
    sql`select table_name || '.' || column_name as name from information_schema.columns where table_schema = 'public'`,
  );
  const there = new Set(rows.map(({ name }) => name));
  const missing = Object.values(schema)
    .filter((table) => is(table, PgTable))
    .flatMap((table) =>
      Object.values(getTableColumns(table)).map(({ name }) => `${getTableName(table)}.${name}`),
    )
    .filter((name) => !there.has(name));
  return missing.length === 0
    ? { ready: true, detail: "the schema is the one this version needs" }
    : {
        ready: false,
        detail: `${missing.length} columns are missing, such as ${missing[0]}: run the migrations`,
      };
}

async function alivePart(db: Database, role: string, now: Date): Promise<Omit<HealthPart, "part">> {
  const { rows } = await db.execute<{ alive: number }>(sql`
    select count(*)::int as alive from processes where role = ${role}
      and seen_at > ${now.toISOString()}::timestamptz - make_interval(secs => ${ALIVE_SECONDS})`);
  const alive = rows[0]?.alive ?? 0;
  return { ready: alive > 0, detail: alive > 0 ? `${alive} alive` : `none heard of in ${ALIVE_SECONDS} s` };
}

/** A gateway that cannot open a token key serves on with the others: that is said, and is no reason to wait. */
async function gatewayPart(db: Database, now: Date): Promise<Omit<HealthPart, "part">> {
  const alive = await alivePart(db, "gateway", now);
  const { rows } = await db.execute<{ name: string }>(sql`
    select distinct jsonb_array_elements_text(detail -> 'unopenedTokenKeys') as name from processes
    where role = 'gateway' and jsonb_typeof(detail -> 'unopenedTokenKeys') = 'array'
      and seen_at > ${now.toISOString()}::timestamptz - make_interval(secs => ${ALIVE_SECONDS})
    order by name`);
  if (rows.length === 0) return alive;
  const names = rows.map(({ name }) => name).join(", ");
  return { ...alive, detail: `${alive.detail}; sealed token keys that do not open: ${names}` };
}

async function sequencerPart(db: Database, now: Date): Promise<Omit<HealthPart, "part">> {
  const { chained, oldestUnchainedAt } = await loadAuditFacts(db);
  const lagMs = oldestUnchainedAt === null ? 0 : Math.max(0, now.getTime() - oldestUnchainedAt);
  return {
    ready: lagMs < UNCHAINED_MS_MAX,
    detail: `${chained} records chained, ${Math.round(lagMs)} ms behind`,
  };
}

async function checkpointPart(db: Database, now: Date): Promise<Omit<HealthPart, "part">> {
  const { provable, oldestUnprovableAt } = await loadAuditFacts(db);
  const lagMs = oldestUnprovableAt === null ? 0 : Math.max(0, now.getTime() - oldestUnprovableAt);
  return {
    ready: lagMs < UNPROVABLE_MS_MAX,
    detail: `signed at size ${provable}, ${Math.round(lagMs)} ms behind`,
  };
}

/** Behaviour is scored behind the gateways: a backlog is said from the first second, and counts from a minute on. */
async function scoringPart(db: Database, now: Date): Promise<Omit<HealthPart, "part">> {
  const { state, lagMs, words } = scoringLagOf(await saidOfScoring(db, now), now.getTime());
  return { ready: state !== "standing" && (lagMs ?? 0) < UNSCORED_MS_MAX, detail: words };
}
