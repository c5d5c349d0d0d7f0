import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Env } from "../../env.ts";

/** A part of Vigil in a process of its own, as the supervisor starts it. */
export type Started = { pid: number; rssMegabytes: () => number; close: () => Promise<void> };

/** Starts the gateway or the worker of an installation, and is back when it says that it is ready. */
export async function startProcess(role: "gateway" | "worker", env: Env): Promise<Started> {
  const flags = JSON.parse(
    readFileSync(path.join(import.meta.dirname, "../../supervisor/node-flags.json"), "utf8"),
  ) as Record<string, string[]>;
  const child = fork(path.join(import.meta.dirname, `../../${role}/main.ts`), {
    execArgv: ["--disable-warning=ExperimentalWarning", ...(flags[role] ?? [])],
    env: {
      ...{ PATH: process.env.PATH, NODE_ENV: "test", VIGIL_LOG_LEVEL: "fatal" },
      DATABASE_URL: env.databaseUrl,
      VIGIL_DATA_DIR: env.dataDir,
      VIGIL_GATEWAY_PORT: String(env.gatewayPort),
      VIGIL_ENROL_PORT: String(env.enrolPort),
      VIGIL_KEK: env.kek?.toString("hex") ?? "",
    },
  });
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`the ${role} ended with ${code}`)));
  });
  const pid = child.pid ?? 0;
  return { pid, rssMegabytes: () => rssOf(pid), close: () => end(child) };
}

/** Resident memory by the kernel's own account (proc_pid_status(5)); NaN where there is no /proc. */
function rssOf(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kilobytes) / 1_024;
  } catch {
    return Number.NaN;
  }
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.removeAllListeners("exit").once("exit", () => resolve());
    if (!child.kill("SIGTERM")) resolve();
  });
}
