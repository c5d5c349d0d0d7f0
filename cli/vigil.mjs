#!/usr/bin/env node
// The `vigil` command. It runs on any Node that can run this file, and hands itself to the Node 24 that is
// installed beside Vigil, which runs the TypeScript as it is. Exit codes: 0 fine, 1 findings, 2 cannot.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const directory = path.dirname(fileURLToPath(import.meta.url));
const COMMANDS = ["verify", "export", "score", "clock", "agent", "authority"];
const NODE_MAJOR_MIN = 24;
const CANNOT = 2;

const [command = "", ...args] = process.argv.slice(2);
if (!COMMANDS.includes(command)) fail(`usage: vigil ${COMMANDS.join("|")} …`);
else if (Number(process.versions.node.split(".")[0]) < NODE_MAJOR_MIN) handOver();
else await dispatch();

async function dispatch() {
  const file = path.join(directory, `${command}.ts`);
  if (!existsSync(file)) return fail(`vigil ${command} is not part of this installation`);
  try {
    const { run } = await import(pathToFileURL(file).href);
    process.exitCode = await run(args);
  } catch (error) {
    fail(`vigil ${command}: ${error instanceof Error ? error.message : error}`);
  }
}

function handOver() {
  const node = path.join(directory, "../node_modules/.bin/node");
  if (!existsSync(node))
    return fail(
      `vigil needs Node ${NODE_MAJOR_MIN} or later; this is ${process.versions.node}. Run npm install.`,
    );
  const child = spawn(node, process.argv.slice(1), { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(error.message));
  child.on("exit", (code) => {
    process.exitCode = code ?? CANNOT;
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = CANNOT;
}
