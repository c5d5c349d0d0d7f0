/**
 * The supervisor: reads the environment once, starts what is missing (PostgreSQL, gateway, worker, console),
 * starts again what dies, and stops it all in order. `--demo` adds the demo bank, one of whose agents is taken
 * over `--attack-after` seconds later.
 */
import { parseArgs } from "node:util";
import { readEnv } from "./env.ts";
import { startChild } from "./supervisor/child.ts";
import { takeDataFolder } from "./supervisor/data-folder.ts";
import { startDatabase } from "./supervisor/database.ts";
import { seedDemo } from "./supervisor/demo.ts";
import { requireFreePorts } from "./supervisor/ports.ts";
import { prepareInstallation } from "./supervisor/prepare-installation.ts";
import { announce, untilReady } from "./supervisor/ready.ts";
import { keepRoot } from "./supervisor/root-keeper.ts";

const { values: options } = parseArgs({
  options: { demo: { type: "boolean", default: false }, "attack-after": { type: "string", default: "60" } },
});

async function main(): Promise<void> {
  const stops: (() => Promise<void>)[] = [];
  let ending = false;
  const end = async (code: number) => {
    if (ending) process.exit(1);
    ending = true;
    say("stopping");
    for (const stop of stops.reverse()) await stop().catch((error: Error) => say(error.message));
    process.exit(code);
  };
  process.on("SIGINT", () => void end(0));
  process.on("SIGTERM", () => void end(0));
  process.on("SIGHUP", () => void end(0));

  try {
    const asked = readEnv();
    await requireFreePorts(asked);
    stops.push(takeDataFolder(asked.dataDir));
    const database = await startDatabase(asked, say);
    stops.push(database.stop);
    const env = database.env();
    const setup = await prepareInstallation(env, options.demo, say);
    stops.push((await keepRoot(env, say)).stop);
    for (const role of ["worker", "gateway", "console"] as const)
      stops.push((await startChild(role, database, say)).stop);
    await untilReady(env);
    if (options.demo) stops.push(await seedDemo(env, Number(options["attack-after"]), say));
    announce(env, setup, say);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    await end(1);
  }
}

function say(line: string): void {
  process.stderr.write(`vigil: ${line}\n`);
}

await main();
