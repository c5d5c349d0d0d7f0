/**
 * The demo bank's fleet: one process that runs eight real agents through the real gateway. It is told where
 * the doors are and which folder is its own, and nothing else.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { enrol } from "../enrol.ts";
import { openAgent } from "../vigil-agent.ts";
import { COMPROMISED, PROFILES } from "./profiles.ts";
import { type FleetOrders, runAgent } from "./run-agent.ts";

const PATIENCE_MS = 10_000;
const stopping = new AbortController();

process.once("message", (orders: FleetOrders) => void run(orders));
process.on("disconnect", () => stopping.abort());
process.on("SIGTERM", () => stopping.abort());
process.on("SIGINT", () => stopping.abort());

async function run(orders: FleetOrders): Promise<void> {
  await Promise.all(
    PROFILES.map(async (profile, index) => {
      const directory = path.join(orders.directory, profile.name);
      const joinToken = orders.fleet.find(({ name }) => name === profile.name)?.joinToken;
      try {
        if (joinToken && !existsSync(directory))
          await enrol({ enrolUrl: orders.enrolUrl, joinToken, directory });
        const agent = openAgent(directory, { scopes: profile.scopes, patienceMs: PATIENCE_MS });
        const attackAfterSeconds = profile.name === COMPROMISED ? orders.attackAfterSeconds : null;
        await runAgent(agent, profile, {
          seed: index + 101,
          timeZone: orders.timeZone,
          attackAfterSeconds,
          signal: stopping.signal,
        });
        await agent.close();
      } catch (error) {
        process.stderr.write(
          `demo fleet: ${profile.name}: ${error instanceof Error ? error.message : error}\n`,
        );
      }
    }),
  );
  process.exit(0);
}
