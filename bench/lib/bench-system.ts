import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startEmbedded } from "../../db/embedded.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import { type System, startSystem } from "../../server/gateway/testing/start-system.ts";
import { makeAgent, type TestAgent } from "../../server/gateway/testing/test-agent.ts";

export type BenchSystem = System & { agents: TestAgent[]; ownerUrl: string; postgresPid: number };

/** A whole Vigil without its console, over a PostgreSQL of its own in a temporary folder, with fsync on, and enrolled agents. */
export async function startBenchSystem(agentCount: number): Promise<BenchSystem> {
  const folder = mkdtempSync(path.join(tmpdir(), "vigil-bench-"));
  // PostgreSQL may run as another user, who must be able to enter.
  chmodSync(folder, 0o711);
  const server = await startEmbedded(folder);
  await migrateDatabase(server.urls.owner, { app: "vigil_app", reader: "vigil_reader" });
  const system = await startSystem(server.urls);
  const agents: TestAgent[] = [];
  for (let i = 0; i < agentCount; i++) agents.push(await makeAgent(system, `bench-${i}`));
  return {
    ...system,
    agents,
    ownerUrl: server.urls.owner,
    postgresPid: server.pid,
    close: async () => {
      for (const agent of agents) await agent.close();
      await system.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
