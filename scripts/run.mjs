// What every npm command starts with: runs on Node 20 with nothing installed, brings the clone to a state
// in which the command can run (dependencies, build, browser), says what it does meanwhile, and hands over.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { ensureBrowser } from "./browser.mjs";
import { ensureBuilt } from "./build.mjs";
import { ensureInstalled, nodeBinary, root } from "./install.mjs";

const [command = "start", ...rest] = process.argv.slice(2);

// Requests leave much that is soon garbage: a young generation that holds it is swept seldom.
const gatewayFlags = JSON.parse(
  readFileSync(path.join(root, "server/supervisor/node-flags.json"), "utf8"),
).gateway;

const COMMANDS = {
  demo: { built: true, run: ["server/main.ts", "--demo"] },
  start: { built: true, run: ["server/main.ts"] },
  console: { built: true, run: ["server/console.ts"] },
  gateway: { flags: gatewayFlags, run: ["server/gateway/main.ts"] },
  worker: { run: ["server/worker/main.ts"] },
  verify: { run: ["scripts/test.ts", "verify"] },
  test: { built: true, browser: true, run: ["scripts/test.ts", "all"] },
  soak: { built: true, browser: true, run: ["scripts/test.ts", "soak"] },
  bench: { flags: gatewayFlags, run: ["bench/run.ts"] },
};

try {
  const steps = COMMANDS[command];
  if (!steps)
    throw new Error(`There is no command ${command}. There are: ${Object.keys(COMMANDS).join(", ")}.`);
  await ensureInstalled();
  if (steps.built) await ensureBuilt();
  const browser = steps.browser ? await ensureBrowser() : undefined;
  handOver([...steps.run, ...rest], steps.flags ?? [], browser);
} catch (error) {
  console.error(`vigil: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

/** The child gets the signals of the terminal as we do; we end when it has ended, with its code. */
function handOver(args, flags, browser) {
  const env = { ...process.env, ...(browser ? { PLAYWRIGHT_CHROMIUM_PATH: browser } : {}) };
  env.PATH = [path.join(root, "node_modules", ".bin"), env.PATH].join(path.delimiter);
  env.NEXT_TELEMETRY_DISABLED = "1";
  if (!existsSync(path.join(root, args[0])))
    throw new Error(`${args[0]} is missing: the clone is incomplete. Run: git checkout .`);
  const child = spawn(nodeBinary(), ["--disable-warning=ExperimentalWarning", ...flags, ...args], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.once("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 0)));
}
