import { generateKeyPairSync, randomBytes, randomUUID, sign, verify } from "node:crypto";
import pg from "pg";
import type { BenchSystem } from "./bench-system.ts";
import { meansMs, quantile, ratePerSecond } from "./figure.ts";
import type { LoadOrder } from "./load.ts";
import { bareHttps, doorCertificate } from "./round-trips.ts";
import { runLoad } from "./run-load.ts";

/** Ed25519 verifications a second on one core, over a message of a signature base's size. */
export function verifyFloor(ms: number): number {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const message = randomBytes(600);
  const signature = sign(null, message, privateKey);
  return ratePerSecond(() => verify(null, message, publicKey, signature), ms);
}

/** Ed25519 signatures a second on one core, over a token's size. */
export function signFloor(ms: number): number {
  const { privateKey } = generateKeyPairSync("ed25519");
  const message = randomBytes(600);
  return ratePerSecond(() => sign(null, message, privateKey), ms);
}

/** Requests a second of a bare `https` server with mutual TLS that answers 202 to everything, under the same load. */
export async function httpsFloor(system: BenchSystem, order: LoadOrder): Promise<number> {
  const server = await bareHttps(await doorCertificate(system), "{}");
  const result = await runLoad({ ...order, url: server.url, signed: false });
  server.close();
  return result.latenciesMs.length / result.seconds;
}

/** Rows a second of bare multi-row inserts of 256, each transaction durable, of a record's size. */
export async function insertFloor(ownerUrl: string, seconds: number): Promise<number> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query("create table bench_floor (id uuid primary key, body bytea not null)");
  const body = randomBytes(900);
  const startedAt = performance.now();
  let rows = 0;
  while (performance.now() - startedAt < seconds * 1000) {
    const ids = Array.from({ length: 256 }, () => randomUUID());
    await client.query("insert into bench_floor select id, $2 from unnest($1::uuid[]) as id", [ids, body]);
    rows += 256;
  }
  const rate = (rows * 1000) / (performance.now() - startedAt);
  await client.query("drop table bench_floor");
  await client.end();
  return rate;
}

/** Milliseconds that a bare insert of one row of a record's size takes, durable: a flush of the disk and a round trip. */
export async function insertOneFloor(ownerUrl: string, ms: number): Promise<number> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query("create table bench_floor (id uuid primary key, body bytea not null)");
  const body = randomBytes(900);
  const insert = { name: "floor", text: "insert into bench_floor values ($1, $2)" };
  const { one = Number.NaN } = await meansMs(
    { one: () => client.query({ ...insert, values: [randomUUID(), body] }) },
    ms,
  );
  await client.query("drop table bench_floor");
  await client.end();
  return one;
}

/** Milliseconds, at the median, from a commit with a notice to its arrival at another connection of the database. */
export async function notifyFloor(url: string, times: number): Promise<number> {
  const [speaker, listener] = [
    new pg.Client({ connectionString: url }),
    new pg.Client({ connectionString: url }),
  ];
  await Promise.all([speaker.connect(), listener.connect()]);
  await listener.query("listen bench_floor");
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const heard = new Promise<number>((resolve) =>
      listener.once("notification", () => resolve(performance.now())),
    );
    await speaker.query("notify bench_floor");
    const committedAt = performance.now();
    took.push(Math.max(0, (await heard) - committedAt));
  }
  await Promise.all([speaker.end(), listener.end()]);
  return quantile(
    took.sort((a, b) => a - b),
    0.5,
  );
}
