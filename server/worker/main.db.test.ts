import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { notify } from "../../db/listen.ts";
import {
  containmentSteps,
  containments,
  isolationConfirmations,
  isolationStates,
  leases,
  processes,
} from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { containAgent } from "../flows/contain-agent.ts";
import { makeAgent } from "../incidents/testing/cast.ts";
import { DUTIES } from "./registry.ts";

let test_: TestDatabase;
let db: TestDatabase["db"];
beforeAll(async () => {
  test_ = await createTestDatabase();
  db = test_.db;
});
afterAll(async () => {
  await test_.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const dataDir = mkdtempSync(path.join(tmpdir(), "vigil-worker-"));
const kek = randomBytes(32).toString("hex");
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0))
    if (child.exitCode === null && child.signalCode === null) await ended(child, "SIGKILL");
});

async function startProcess(): Promise<ChildProcess> {
  const child = fork(path.join(import.meta.dirname, "main.ts"), [], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: {
      NODE_ENV: "test",
      PATH: process.env.PATH,
      DATABASE_URL: test_.urls.app,
      VIGIL_KEK: kek,
      VIGIL_DATA_DIR: dataDir,
      VIGIL_LOG_LEVEL: "fatal",
    },
  });
  children.push(child);
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`the worker ended with ${code}`)));
  });
  return child;
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exit = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  child.kill(signal);
  return exit;
}

const workers = () => db.select().from(processes).where(eq(processes.role, "worker"));

describe("the worker process", () => {
  test("runs every duty, says so each second, and on SIGTERM leaves nothing behind", async () => {
    const child = await startProcess();
    await vi.waitFor(
      async () => {
        const [row] = await workers();
        const { duties } = (row?.detail ?? {}) as {
          duties: Record<string, { runs: number; lastError: string | null }>;
        };
        expect(Object.keys(duties).sort()).toEqual(DUTIES.map(({ name }) => name).sort());
        for (const [name, said] of Object.entries(duties))
          expect([name, said.runs > 0]).toEqual([name, true]);
      },
      { timeout: 20_000, interval: 200 },
    );
    expect(await ended(child, "SIGTERM")).toBe(0);
    expect(await workers()).toEqual([]);
    const held = await db.select({ name: leases.name }).from(leases).where(sql`expires_at > now()`);
    expect(held).toEqual([]);
  });

  test("sees a containment through when the gateways answer, also after a worker was killed", async () => {
    const now = new Date();
    await db.execute(
      sql`insert into processes (id, role, started_at, seen_at) values ('g1', 'gateway', now(), now() + interval '1 hour')`,
    );
    await ended(await startProcess(), "SIGKILL");
    const agent = await makeAgent(db);
    const ctx = { db, actor: { type: "system", id: "test" } as const, now };
    const { containmentId } = await containAgent(ctx, { agentId: agent.id, reason: "odd" });
    await startProcess();
    const [isolation] = await db.select().from(isolationStates).where(eq(isolationStates.agentId, agent.id));
    await db.insert(isolationConfirmations).values({
      agentId: agent.id,
      gatewayId: "g1",
      epoch: Number(isolation?.epoch),
      connectionsCut: 4,
      confirmedAt: new Date(),
    });
    await notify(db, "containment", agent.id);
    await vi.waitFor(
      async () => {
        const [row] = await db.select().from(containments).where(eq(containments.id, containmentId));
        expect(row?.status).toBe("done");
      },
      { timeout: 15_000, interval: 100 },
    );
    const steps = await db
      .select()
      .from(containmentSteps)
      .where(eq(containmentSteps.containmentId, containmentId));
    expect(steps.find(({ step }) => step === "connections")).toMatchObject({
      status: "confirmed",
      detail: "The gateway confirmed the denial; 4 open connections were cut.",
    });
  });
});
