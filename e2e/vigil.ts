import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";

const READY_MS_MAX = 240_000;
const SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/** A whole Vigil in a folder of its own, on free ports, started and stopped as a user would. */
export class Vigil {
  readonly password = "correct-horse-battery-9";
  readonly totpSeed = SEED;
  readonly apiKey = "vk_e2e-0123456789abcdef0123456789abcdef";
  readonly dataDir = mkdtempSync(path.join(tmpdir(), "vigil-e2e-"));
  #child: ChildProcess | null = null;
  #ports = { console: 0, gateway: 0, enrol: 0 };
  #said = "";

  get url(): string {
    return `http://localhost:${this.#ports.console}`;
  }

  get enrolUrl(): string {
    return `https://localhost:${this.#ports.enrol}`;
  }

  /** What the terminal showed so far. */
  get said(): string {
    return this.#said;
  }

  constructor() {
    chmodSync(this.dataDir, 0o711);
  }

  /** Starts everything and waits until the terminal says that it is ready. */
  async start(args: string[], env: Record<string, string> = {}): Promise<void> {
    if (!this.#ports.console)
      this.#ports = { console: await freePort(), gateway: await freePort(), enrol: await freePort() };
    const child = spawn(
      path.resolve("node_modules/.bin/node"),
      ["--disable-warning=ExperimentalWarning", "server/main.ts", ...args],
      {
        env: {
          ...process.env,
          VIGIL_DATA_DIR: this.dataDir,
          VIGIL_CONSOLE_PORT: String(this.#ports.console),
          VIGIL_GATEWAY_PORT: String(this.#ports.gateway),
          VIGIL_ENROL_PORT: String(this.#ports.enrol),
          VIGIL_DEMO_PASSWORD: this.password,
          VIGIL_DEMO_TOTP: this.totpSeed,
          VIGIL_DEMO_API_KEY: this.apiKey,
          VIGIL_LOG_LEVEL: "warn",
          ...env,
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`not ready in time:\n${this.#said}`)), READY_MS_MAX);
      const hear = (chunk: Buffer) => {
        this.#said += chunk.toString("utf8");
        if (this.#said.includes("ready; Ctrl-C")) {
          clearTimeout(late);
          resolve();
        }
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.once("exit", (code) => {
        clearTimeout(late);
        reject(new Error(`Vigil ended with code ${code}:\n${this.#said}`));
      });
    });
  }

  /** Ctrl-C, and the wait until every process is gone. @returns the exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
    child.kill("SIGINT");
    this.#said = "";
    return ended;
  }

  /** Stops everything and removes the folder. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Works on the database as its superuser: what an attacker with the machine can do. */
  async asDatabaseOwner<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const { urls } = JSON.parse(readFileSync(path.join(this.dataDir, "database.json"), "utf8")) as {
      urls: { super: string };
    };
    const client = new pg.Client({ connectionString: urls.super });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** The process that runs a program of ours, by its file. */
  childOf(program: string): number {
    const listed = execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(this.#child?.pid)], {
      encoding: "utf8",
    });
    const line = listed.split("\n").find((each) => each.includes(program));
    return Number(line?.trim().split(" ")[0] ?? 0);
  }

  /** Asks the REST API as the demo's administrator. */
  async api<T>(route: string, { method = "GET", body }: { method?: string; body?: object } = {}): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1${route}`, {
      method,
      headers: {
        authorization: `Bearer ${this.apiKey}`,
        ...(body ? { "content-type": "application/json" } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${route}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
