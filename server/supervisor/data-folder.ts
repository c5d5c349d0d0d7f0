import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Makes this supervisor the only one over its data folder.
 *
 * @returns how to give the folder back.
 * @throws Error naming the other supervisor's process.
 */
export function takeDataFolder(dataDir: string): () => Promise<void> {
  const file = path.join(dataDir, "supervisor.pid");
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const holder = holderOf(file);
  if (holder)
    throw new Error(
      `another Vigil (process ${holder}) runs over ${dataDir}. End it, or set VIGIL_DATA_DIR to another folder.`,
    );
  writeFileSync(file, String(process.pid));
  return async () => rmSync(file, { force: true });
}

function holderOf(file: string): number | null {
  let pid = 0;
  try {
    pid = Number(readFileSync(file, "utf8"));
    if (!pid || pid === process.pid) return null;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // Another user's process may not be signalled, and lives all the same.
    return (error as NodeJS.ErrnoException).code === "EPERM" ? pid : null;
  }
}
