import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePort } from "../../testing/start-system.ts";

/** The real thing: `go install github.com/open-policy-agent/opa@v1.22.2` puts it on the path. */
export const opaIsThere = spawnSync("opa", ["version"]).status === 0;

/** A running OPA with this policy, on a free port of the loopback. */
export async function startOpa(
  rego: string,
  port?: number,
): Promise<{ url: string; port: number; stop: () => Promise<void> }> {
  const folder = mkdtempSync(path.join(tmpdir(), "vigil-opa-"));
  const file = path.join(folder, "authz.rego");
  writeFileSync(file, rego);
  const at = port ?? (await freePort());
  const args = [
    "run",
    "--server",
    "--disable-telemetry",
    "--log-level=error",
    `--addr=127.0.0.1:${at}`,
    file,
  ];
  const child: ChildProcess = spawn("opa", args, { stdio: "ignore" });
  const url = `http://127.0.0.1:${at}`;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for (let tries = 0; !(await isUp(url)); tries++) {
    if (tries > 100 || child.exitCode !== null) throw new Error("opa did not start");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    ...{ url, port: at },
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function isUp(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}
