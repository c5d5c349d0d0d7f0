import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import path from "node:path";
import { nodeBinary, root } from "./install.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * Finds a Chromium: PLAYWRIGHT_CHROMIUM_PATH, one on the PATH, Playwright's own download, Debian's package.
 *
 * @returns its path, or undefined where Playwright's own is in its usual place.
 */
export async function ensureBrowser() {
  const told = process.env.PLAYWRIGHT_CHROMIUM_PATH;
  if (told) {
    if (!existsSync(told)) throw new Error(`PLAYWRIGHT_CHROMIUM_PATH names ${told}, which does not exist.`);
    return told;
  }
  const found = onPath();
  if (found) return found;
  const playwright = path.join(root, "node_modules", "@playwright", "test", "cli.js");
  console.error("vigil: no Chromium on the PATH; trying Playwright's own");
  const downloaded = spawnSync(nodeBinary(), [playwright, "install", "chromium"], {
    stdio: "ignore",
    timeout: 300_000,
  });
  if (downloaded.status === 0) return undefined;
  if (process.getuid?.() === 0 && spawnSync("apt-get", ["--version"]).status === 0) {
    console.error("vigil: installing Debian's chromium (a minute or two)");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    spawnSync("apt-get", ["update", "-qq"], { stdio: ["ignore", "ignore", "inherit"], env });
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], {
      stdio: ["ignore", "ignore", "inherit"],
      env,
    });
    const installed = onPath();
    if (installed) return installed;
  }
  throw new Error(
    "The browser tests need Chromium. Install it (Debian: apt-get install chromium) or set PLAYWRIGHT_CHROMIUM_PATH to one.",
  );
}

function onPath() {
  for (const folder of (process.env.PATH ?? "").split(path.delimiter))
    for (const name of NAMES) {
      const candidate = path.join(folder, name);
      try {
        accessSync(candidate, constants.X_OK);
        return candidate;
      } catch {}
    }
  return undefined;
}
