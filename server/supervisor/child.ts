import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import type { Env } from "../env.ts";
import { childEnv } from "./child-env.ts";
import type { RunningDatabase } from "./database.ts";
import nodeFlags from "./node-flags.json" with { type: "json" };

export type Role = "worker" | "gateway" | "console";

const PROGRAMS: Record<Role, string> = {
  worker: "worker/main.ts",
  gateway: "gateway/main.ts",
  console: "console.ts",
};
const START_MS_MAX = 60_000;
const RESTART_MS = 500;
const RESTART_MS_MAX = 15_000;
/** A process that lived this long was well. */
const STEADY_MS = 10_000;
const STOP_MS_MAX = 12_000;

/** Starts a role's process, waits until it says it is ready, and starts it again whenever it dies. */
export async function startChild(
  role: Role,
  database: RunningDatabase,
  say: (line: string) => void,
): Promise<{ stop: () => Promise<void> }> {
  let stopping = false;
  say(`starting the ${role}`);
  let child = forkRole(role, database.env());
  await untilReady(role, child);

  const keepAlive = async () => {
    for (let pauseMs = RESTART_MS; ; ) {
      const bornAt = performance.now();
      const how = await ended(child);
      if (stopping) return;
      // One that dies young waits longer each time, so that a broken set-up does not spin.
      pauseMs = performance.now() - bornAt > STEADY_MS ? RESTART_MS : Math.min(pauseMs * 2, RESTART_MS_MAX);
      say(`${role} ended (${how}); starting it again`);
      await wait(pauseMs);
      if (stopping) return;
      child = forkRole(role, database.env());
    }
  };
  void keepAlive();
  database.onMoved(() => child.kill("SIGTERM"));
  return {
    stop: async () => {
      stopping = true;
      await endProcess(child);
    },
  };
}

function ended(child: ChildProcess): Promise<string> {
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve(`${child.signalCode ?? `code ${child.exitCode}`}`);
  return new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? `code ${code}`)));
}

/** Sends SIGTERM and waits for the end; SIGKILL after twelve seconds. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  await exited;
  clearTimeout(force);
}

function forkRole(role: Role, env: Env): ChildProcess {
  return fork(path.join(import.meta.dirname, "..", PROGRAMS[role]), [], {
    detached: true,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    execArgv: [...process.execArgv, ...(role === "gateway" ? nodeFlags.gateway : [])],
    env: childEnv(role, env, process.env),
  });
}

async function untilReady(role: Role, child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`the ${role} did not become ready within ${START_MS_MAX / 1000} s`)),
      START_MS_MAX,
    );
    const settle = (then: () => void) => () => {
      clearTimeout(late);
      then();
    };
    child.once("message", settle(resolve));
    child.once(
      "exit",
      settle(() => reject(new Error(`the ${role} ended before it was ready; its message is above`))),
    );
  });
}
