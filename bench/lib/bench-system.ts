import { type ChildProcess, fork } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startEmbedded } from "../../db/embedded.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import type { Env } from "../../server/env.ts";
import { type System, startSystem } from "../../server/gateway/testing/start-system.ts";
import { makeAgent, type TestAgent } from "../../server/gateway/testing/test-agent.ts";

export type BenchSystem = System & {
  agents: TestAgent[];
  ownerUrl: string;
  postgresPid: number;
  workerPid: number;
};

/**
 * A whole Vigil without its console, over a PostgreSQL of its own in a temporary folder, with fsync on, and
 * enrolled agents. The gateway is in this process; the worker, which chains, signs and scores, in one of its own.
 *
 * @param withoutDuties the worker's duties that are left out, by name.
 */
export async function startBenchSystem(
  agentCount: number,
  withoutDuties: readonly string[] = [],
): Promise<BenchSystem> {
  const folder = mkdtempSync(path.join(tmpdir(), "vigil-bench-"));
  // PostgreSQL may run as another user, who must be able to enter.
  chmodSync(folder, 0o711);
  const server = await startEmbedded(folder);
  await migrateDatabase(server.urls.owner, { app: "vigil_app", reader: "vigil_reader" });
  const system = await startSystem(server.urls, []);
  const worker = await startWorkerProcess(system.env, withoutDuties);
  const agents: TestAgent[] = [];
  for (let i = 0; i < agentCount; i++) agents.push(await makeAgent(system, `bench-${i}`));
  return {
    ...system,
    agents,
    ownerUrl: server.urls.owner,
    postgresPid: server.pid,
    workerPid: worker.pid ?? 0,
    close: async () => {
      for (const agent of agents) await agent.close();
      await endWorker(worker);
      await system.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startWorkerProcess(env: Env, withoutDuties: readonly string[]): Promise<ChildProcess> {
  const worker = fork(path.join(import.meta.dirname, "worker.ts"), withoutDuties, {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      DATABASE_URL: env.databaseUrl,
      DATABASE_OWNER_URL: env.ownerUrl,
      VIGIL_DATA_DIR: env.dataDir,
      VIGIL_GATEWAY_PORT: String(env.gatewayPort),
      VIGIL_ENROL_PORT: String(env.enrolPort),
      VIGIL_KEK: env.kek?.toString("hex") ?? "",
      VIGIL_LOG_LEVEL: "error",
    },
  });
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("exit", (code) => reject(new Error(`the worker ended with ${code}`)));
  });
  return worker;
}

function endWorker(worker: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    worker.removeAllListeners("exit").once("exit", () => resolve());
    worker.kill("SIGTERM");
  });
}
