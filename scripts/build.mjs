import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { nodeBinary, root, run } from "./install.mjs";

const SOURCES = [
  "app",
  "components",
  "server",
  "db",
  "public",
  "next.config.js",
  "proxy.ts",
  "instrumentation-client.ts",
  "tsconfig.json",
  "package-lock.json",
];
const stamp = path.join(root, ".next", "vigil-built");

/** Builds the console where its build is missing or older than its sources. */
export async function ensureBuilt() {
  const wanted = sourceDigest();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.error("vigil: building the console (about half a minute)");
  const next = path.join(root, "node_modules", "next", "dist", "bin", "next");
  await run(nodeBinary(), [next, "build"], "The console could not be built. See the message above.", {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: "1",
    NODE_ENV: "production",
  });
  writeFileSync(stamp, wanted);
}

function sourceDigest() {
  const hash = createHash("sha256");
  for (const source of SOURCES.map((name) => path.join(root, name)).filter(existsSync))
    for (const file of files(source))
      hash.update(`${path.relative(root, file)}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

function files(place) {
  if (!readable(place)) return [place];
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function readable(place) {
  try {
    readdirSync(place);
    return true;
  } catch {
    return false;
  }
}
