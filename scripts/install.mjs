import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const stamp = path.join(root, "node_modules", ".vigil-installed");

/** Installs the pinned dependencies where they are missing or older than the lock file. */
export async function ensureInstalled() {
  const [major = 0] = process.versions.node.split(".").map(Number);
  if (major < 20)
    throw new Error(
      `Node ${process.versions.node} is too old. Install Node 20 or later from https://nodejs.org and try again.`,
    );
  const wanted = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  if (spawnSync("npm", ["--version"]).status !== 0)
    throw new Error("npm is not on the PATH. It comes with Node: install Node 20 or later and try again.");
  console.error("vigil: installing dependencies (about a minute)");
  const args = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];
  await run(
    "npm",
    args,
    "The dependencies could not be installed. See npm's message above; is the registry reachable?",
  );
  writeFileSync(stamp, wanted);
}

/** Node 24, from the dependencies; else the one that runs now where it can run TypeScript. */
export function nodeBinary() {
  const installed = path.join(root, "node_modules", ".bin", "node");
  if (existsSync(installed)) return installed;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  throw new Error(
    `There is no packaged Node 24 for ${process.platform}-${process.arch}. Install Node 24 and try again.`,
  );
}

/** Runs a command with its output shown. */
export function run(command, args, complaint, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], env });
    child.once("error", (error) => reject(new Error(`${complaint} (${error.message})`)));
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(complaint))));
  });
}
