import { generateKeyPairSync, randomBytes, randomUUID, sign, verify } from "node:crypto";
import https from "node:https";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { createDatabase } from "../../db/client.ts";
import { createKeyStore } from "../../server/keys/key-store.ts";
import { roleKekFromEnv } from "../../server/keys/role-kek.ts";
import { loadDoorCertificate } from "../../server/layers/identity/load-door-certificate.ts";
import type { BenchSystem } from "./bench-system.ts";
import { ratePerSecond } from "./figure.ts";
import type { LoadOrder } from "./load.ts";
import { runLoad } from "./run-load.ts";

/** Ed25519 verifications a second on one core, over a message of a signature base's size. */
export function verifyFloor(ms: number): number {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const message = randomBytes(600);
  const signature = sign(null, message, privateKey);
  return ratePerSecond(() => verify(null, message, publicKey, signature), ms);
}

/** Requests a second of a bare `https` server with mutual TLS that answers 202 to everything, under the same load. */
export async function httpsFloor(system: BenchSystem, order: LoadOrder): Promise<number> {
  const db = createDatabase(system.env.databaseUrl, { applicationName: "vigil-bench", poolSize: 1 });
  const keys = createKeyStore(db, "gateway", roleKekFromEnv(system.env, "gateway"));
  const { key, cert, ca } = await loadDoorCertificate(db, keys);
  await db.$client.end();
  const server = https.createServer(
    { key, cert, ca, requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.3" },
    (request, response) => {
      request.resume().on("end", () => response.writeHead(202).end("{}"));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  const result = await runLoad({ ...order, url: `https://localhost:${port}/`, signed: false });
  server.closeAllConnections();
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
