import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  alerts,
  baselines,
  containments,
  featureWindows,
  isolationStates,
  windowDeltas,
  windowSlices,
} from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { startProxy } from "../gateway/testing/breakable-proxy.ts";
import { present } from "../kernel/ensure.ts";
import { uuidv7 } from "../kernel/ids.ts";
import { SLICE_MS } from "../layers/monitoring/engine/slice.ts";
import { importHistory } from "../layers/monitoring/import-history.ts";
import { learnAgentBaseline } from "../layers/monitoring/learn-baseline.ts";
import {
  makeAgent,
  recordsOf,
  SYSTEM,
  sliceOfCalls,
} from "../layers/monitoring/testing/agents-and-people.ts";
import { usualWeeks } from "../layers/monitoring/testing/usual-weeks.ts";

/** How long the database is away: a minute in the soak. */
const AWAY_MS = process.env.VIGIL_SOAK ? 60_000 : 6_000;
const DAY_MS = 86_400_000;
/** Three minutes of every agent, all of them past and none scored before. */
const T = Math.floor(Date.now() / 60_000) * 60_000 - 420_000;
const KINDS = ["usual", "attacker", "newcomer"] as const;
type Cast = Record<(typeof KINDS)[number], string>;

let test_: TestDatabase;
let db: TestDatabase["db"];
let model: typeof baselines.$inferSelect;
let undisturbed: Awaited<ReturnType<typeof leftBehind>>;
const dataDir = mkdtempSync(path.join(tmpdir(), "vigil-worker-"));
const kek = randomBytes(32).toString("hex");
const children: ChildProcess[] = [];

beforeAll(async () => {
  test_ = await createTestDatabase();
  db = test_.db;
  const teacher = await makeAgent(db, new Date(T - 22 * DAY_MS));
  const ctx = { db, actor: SYSTEM, now: new Date(T) };
  const windows = usualWeeks({ weeks: 3, fromMs: T - 21 * DAY_MS, timeZone: "UTC" }).map(
    ({ atMs, features }) => ({
      ...{ at: new Date(atMs), calls: features.apiCallsPerMinute, megabytes: features.dataMegabytes },
      ...{ endpoints: features.uniqueEndpoints, networks: features.networks },
      transitions: features.transitions,
    }),
  );
  await importHistory(ctx, { agentId: teacher.id, windows });
  await learnAgentBaseline(ctx, { agentId: teacher.id });
  model = present((await db.select().from(baselines).where(eq(baselines.agentId, teacher.id)))[0], "model");
  const cast = await makeCast();
  await behave(cast);
  const worker = await startWorker();
  await scored(cast);
  await ended(worker, "SIGTERM");
  undisturbed = await leftBehind(cast);
}, 180_000);
afterAll(async () => {
  await test_?.close();
  rmSync(dataDir, { recursive: true, force: true });
});
afterEach(async () => {
  for (const child of children.splice(0))
    if (child.exitCode === null && child.signalCode === null) await ended(child, "SIGKILL");
});

/** Agents of one baseline each, and one that is learning. */
async function makeCast(): Promise<Cast> {
  const ids: Partial<Cast> = {};
  for (const kind of KINDS) {
    const agent = await makeAgent(db, new Date(T - DAY_MS));
    ids[kind] = agent.id;
    if (kind === "newcomer") continue;
    await db.insert(baselines).values({ ...model, id: uuidv7(T), agentId: agent.id });
  }
  return ids as Cast;
}

/** What the gateways commit for three minutes: the attacker's second minute is the seed's. */
async function behave(cast: Cast, from = 0, to = 18): Promise<void> {
  const rows = Array.from({ length: to - from }, (_, i) => from + i).flatMap((i) => {
    const sliceMs = T + i * SLICE_MS;
    const attacks = i >= 6 && i < 12;
    const of = (agentId: string, calls: number, more = {}) => ({
      ...{ agentId, sliceAt: new Date(sliceMs), delta: sliceOfCalls(calls, sliceMs, more) },
    });
    return [
      of(cast.usual, 17),
      attacks ? of(cast.attacker, 850, { bytes: 1_200_000 }) : of(cast.attacker, 17),
      of(cast.newcomer, attacks ? 200 : 20),
    ];
  });
  await db.insert(windowDeltas).values(rows);
}

/** A worker as in production, or one that leaves a duty out. */
async function startWorker(databaseUrl = test_.urls.app, without?: string): Promise<ChildProcess> {
  const program = without ? "../../bench/lib/worker.ts" : "main.ts";
  const child = fork(path.join(import.meta.dirname, program), without ? [without] : [], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: {
      ...{ NODE_ENV: "test", PATH: process.env.PATH, DATABASE_URL: databaseUrl, VIGIL_KEK: kek },
      ...{ VIGIL_DATA_DIR: dataDir, VIGIL_LOG_LEVEL: "fatal" },
    },
  });
  children.push(child);
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`the worker ended with ${code}`)));
  });
  return child;
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill(signal);
  return exit;
}

/** Everything of the cast is folded and scored. */
function scored(cast: Cast): Promise<void> {
  const ids = Object.values(cast);
  return vi.waitFor(
    async () => {
      expect(await db.$count(windowDeltas, inArray(windowDeltas.agentId, ids))).toBe(0);
      const slices = await db.select().from(windowSlices).where(inArray(windowSlices.agentId, ids));
      expect(slices).toHaveLength(18 * KINDS.length);
      expect(slices.filter(({ revision, scoredRevision }) => revision > scoredRevision)).toEqual([]);
    },
    { timeout: 60_000 + AWAY_MS, interval: 200 },
  );
}

/** Rows, alerts, isolation and records of each of them, as far as they do not name the agent or the time. */
async function leftBehind(cast: Cast) {
  const of = async (agentId: string) => {
    const rows = await db
      .select()
      .from(featureWindows)
      .where(eq(featureWindows.agentId, agentId))
      .orderBy(asc(featureWindows.at));
    const raised = await db
      .select()
      .from(alerts)
      .where(and(eq(alerts.agentId, agentId), eq(alerts.rule, "behaviour-score")));
    const [isolation] = await db.select().from(isolationStates).where(eq(isolationStates.agentId, agentId));
    const kinds = (await recordsOf(db, agentId)).map(({ kind }) => kind);
    return {
      minutes: rows.map(({ at, score, features }) => ({ at: at.getTime(), score, features })),
      alerts: raised.map(({ severity, count }) => ({ severity, count })),
      isolation: isolation?.state ?? "open",
      contained: await db.$count(containments, eq(containments.agentId, agentId)),
      changes: ["isolation.changed", "response.changed", "alert.raised"].map((kind) => [
        ...[kind, kinds.filter((one) => one === kind).length],
      ]),
    };
  };
  return {
    usual: await of(cast.usual),
    attacker: await of(cast.attacker),
    newcomer: await of(cast.newcomer),
  };
}

/** Holds a table against others until the worker waits for it; then does what it is told, and lets go. */
function whileBlocked(statement: string, work: () => Promise<void>): Promise<void> {
  return test_.asSuper(async (client) => {
    await client.query("begin");
    await client.query(statement);
    const own = (await client.query("select pg_backend_pid() as pid")).rows[0].pid;
    await test_.asSuper((watcher) =>
      vi.waitFor(
        async () => {
          const { rows } = await watcher.query(
            "select 1 from pg_stat_activity where $1 = any(pg_blocking_pids(pid)) and application_name = 'vigil-worker'",
            [own],
          );
          expect(rows.length).toBeGreaterThan(0);
        },
        { timeout: 30_000, interval: 50 },
      ),
    );
    await work();
    await client.query("rollback");
  });
}

describe("every minute is scored once", () => {
  test("undisturbed: three minutes each, the attack contained, the newcomer limited", () => {
    expect(undisturbed.usual.minutes).toHaveLength(3);
    expect(undisturbed.usual).toMatchObject({ alerts: [], isolation: "open", contained: 0 });
    expect(undisturbed.attacker).toMatchObject({ isolation: "deny_all", contained: 1 });
    expect(undisturbed.attacker.alerts).toEqual([{ severity: "critical", count: 1 }]);
    expect(Math.max(...undisturbed.attacker.minutes.map(({ score }) => score ?? 0))).toBeGreaterThan(0.9);
    expect(undisturbed.newcomer).toMatchObject({ isolation: "limited", alerts: [{ count: 1 }] });
  });

  test("a worker killed between fold and score leaves no minute out and none twice", async () => {
    const cast = await makeCast();
    const worker = await startWorker(test_.urls.app, "score-windows");
    await behave(cast);
    await vi.waitFor(
      async () => expect(await db.$count(windowSlices, eq(windowSlices.agentId, cast.usual))).toBe(18),
      { timeout: 30_000 },
    );
    await ended(worker, "SIGKILL");
    expect((await leftBehind(cast)).attacker).toMatchObject({ minutes: [], isolation: "open" });
    await startWorker();
    await scored(cast);
    expect(await leftBehind(cast)).toEqual(undisturbed);
  }, 120_000);

  test("a worker killed in the response has answered once when the next is done", async () => {
    const cast = await makeCast();
    const worker = await startWorker();
    await behave(cast);
    await whileBlocked("lock table isolation_states in share mode", () => ended(worker, "SIGKILL"));
    await startWorker();
    await scored(cast);
    expect(await leftBehind(cast)).toEqual(undisturbed);
  }, 120_000);

  test("a worker killed after the response, before it noted so, is not answered for again", async () => {
    const cast = await makeCast();
    const worker = await startWorker();
    await behave(cast);
    // The store of the scores waits for this row's end, when the responses are long committed.
    const row = `insert into feature_windows (agent_id, at, features) values ('${cast.newcomer}', to_timestamp(${T / 1_000 + 60}), '{}')`;
    await whileBlocked(row, () => ended(worker, "SIGKILL"));
    expect((await leftBehind(cast)).newcomer).toMatchObject({ isolation: "limited", minutes: [] });
    await startWorker();
    await scored(cast);
    expect(await leftBehind(cast)).toEqual(undisturbed);
  }, 120_000);

  test("two workers at once, of which one is killed, score what one would have", async () => {
    const cast = await makeCast();
    const [first] = [await startWorker(), await startWorker()];
    for (let i = 0; i < 18; i += 3) {
      await behave(cast, i, i + 3);
      if (i === 9) await ended(present(first, "the first worker"), "SIGKILL");
    }
    await scored(cast);
    const left = await leftBehind(cast);
    for (const kind of KINDS) {
      const scores = left[kind].minutes.map(({ at, score, features }) => ({ at, score, features }));
      expect(scores).toEqual(
        undisturbed[kind].minutes.map(({ at, score, features }) => ({ at, score, features })),
      );
    }
    expect(left.attacker).toMatchObject({ isolation: "deny_all", contained: 1 });
    expect(left.attacker.changes.find(([kind]) => kind === "isolation.changed")).toEqual(
      undisturbed.attacker.changes.find(([kind]) => kind === "isolation.changed"),
    );
  }, 120_000);

  test(`the database away for ${AWAY_MS / 1_000} s costs no minute and answers nothing twice`, async () => {
    const cast = await makeCast();
    const proxy = await startProxy(test_.urls.app);
    await startWorker(proxy.url);
    await behave(cast, 0, 9);
    await vi.waitFor(
      async () =>
        expect(await db.$count(windowSlices, eq(windowSlices.agentId, cast.usual))).toBeGreaterThan(0),
      { timeout: 30_000 },
    );
    proxy.freeze();
    await behave(cast, 9, 18);
    await db.execute(sql`select pg_sleep(${AWAY_MS / 1_000})`);
    proxy.thaw();
    await scored(cast);
    const left = await leftBehind(cast);
    for (const kind of KINDS)
      expect(left[kind].minutes.map(({ at, score }) => ({ at, score }))).toEqual(
        undisturbed[kind].minutes.map(({ at, score }) => ({ at, score })),
      );
    expect(left.attacker).toMatchObject({ isolation: "deny_all", contained: 1 });
    await proxy.close();
  }, 180_000);
});
