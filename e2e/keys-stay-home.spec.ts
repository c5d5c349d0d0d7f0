import { createPublicKey, type KeyObject } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "@playwright/test";
import { enrol } from "../agent/enrol.ts";
import { readCredential } from "../agent/state.ts";
import { openAgent } from "../agent/vigil-agent.ts";
import { PURPOSES } from "../server/layers/identity/schema.ts";
import { Vigil } from "./vigil.ts";

const NAME = "canary-keeper";
const vigil = new Vigil();
const home = mkdtempSync(path.join(tmpdir(), "vigil-canary-"));
test.afterAll(async () => {
  await vigil.remove();
  rmSync(home, { recursive: true, force: true });
});

/** A secret number as it could be written down: its bytes, and what programs commonly make of them. */
function traces(secret: Buffer): Buffer[] {
  const pem = secret.toString("base64").replace(/=+$/, "");
  // Base64 looks different by where in a group of three the secret starts; the whole groups in between do not.
  const shifted = [1, 2].map((by) =>
    Buffer.concat([Buffer.alloc(by), secret])
      .toString("base64")
      .slice(4, -4),
  );
  return [
    secret,
    ...[secret.toString("hex"), secret.toString("hex").toUpperCase(), pem, secret.toString("base64url")].map(
      (text) => Buffer.from(text),
    ),
    ...shifted.map((text) => Buffer.from(text)),
  ];
}

const secretOf = (key: KeyObject) => Buffer.from(String(key.export({ format: "jwk" }).d), "base64url");
const publicOf = (key: KeyObject) => Buffer.from(String(createPublicKey(key).export({ format: "jwk" }).x));

function* filesUnder(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    if (statSync(file).isDirectory()) yield* filesUnder(file);
    else yield file;
  }
}

test("an agent's private keys are in no database file, backup, log or answer, from enrolment through renewal", async () => {
  await vigil.start(["--demo", "--attack-after=3600"], { VIGIL_LOG_LEVEL: "trace" });
  await vigil.api("/agents", { method: "POST", body: { name: NAME, scopes: ["transactions:read"] } });
  const { joinToken } = await vigil.api<{ joinToken: string }>(`/agents/${NAME}/join-tokens`, {
    method: "POST",
    body: {},
  });
  await enrol({ enrolUrl: vigil.enrolUrl, joinToken, directory: home, replace: true });
  const keys = () => PURPOSES.map((purpose) => readCredential(home, purpose).privateKey);
  const planted = keys();
  const agent = openAgent(home);
  expect((await agent.report([{ action: "transactions.read", at: new Date().toISOString() }])).admitted).toBe(
    1,
  );
  for (const purpose of PURPOSES) await agent.renew(purpose);
  planted.push(...keys());
  expect((await agent.report([{ action: "transactions.read", at: new Date().toISOString() }])).admitted).toBe(
    1,
  );
  await agent.close();
  expect(planted).toHaveLength(2 * PURPOSES.length);

  const answers = Buffer.from(await everyAnswer());
  const log = Buffer.from(vigil.said);
  const backup = path.join(home, "backup");
  await vigil.asDatabaseOwner(async (client) => {
    await client.query("checkpoint");
    await client.query("select pg_backup_start('canary', true)");
    cpSync(path.join(vigil.dataDir, "postgres"), backup, { recursive: true });
    await client.query("select pg_backup_stop()");
  });
  await vigil.stop();

  const places = new Map<string, Buffer>([
    ["the answers", answers],
    ["the log", log],
  ]);
  for (const file of [...filesUnder(backup), ...filesUnder(path.join(vigil.dataDir, "postgres"))])
    places.set(file, readFileSync(file));
  const found = (needles: Buffer[]) =>
    [...places]
      .filter(([, bytes]) => needles.some((needle) => bytes.includes(needle)))
      .map(([place]) => place);
  const newest = planted.at(-1) as KeyObject;
  const whereItsPublicKeyIs = found([publicOf(newest)]);
  expect(whereItsPublicKeyIs, "the same search finds what must be there").toContainEqual(
    expect.stringContaining(`${path.sep}backup${path.sep}`),
  );
  expect(whereItsPublicKeyIs).toContain("the answers");
  expect(log.length).toBeGreaterThan(1_000);
  for (const key of planted) expect(found(traces(secretOf(key)))).toEqual([]);
});

/** What every door answers about the agent. */
async function everyAnswer(): Promise<string> {
  const { paths } = await (await fetch(`${vigil.url}/api/openapi.json`)).json();
  const routes = Object.entries(paths as Record<string, { get?: object }>)
    .filter(([, operations]) => operations.get)
    .map(([route]) => route.replace("{name}", NAME))
    .filter((route) => !route.includes("{"));
  const told: string[] = [];
  for (const route of routes) {
    const answer = await fetch(`${vigil.url}/api/v1${route.replace(/^\/api\/v1/, "")}`, {
      headers: { authorization: `Bearer ${vigil.apiKey}` },
    });
    told.push(await answer.text());
  }
  expect(routes.length).toBeGreaterThan(10);
  for (const document of [
    `/agents/${NAME}/did.json`,
    "/v1/trust-bundle",
    "/.well-known/jwks.json",
    "/v1/crl/transport.crl",
  ])
    told.push(await publicDocument(document));
  return told.join("\n");
}

function publicDocument(document: string): Promise<string> {
  const ca = readFileSync(path.join(home, "root.pem"), "utf8");
  return new Promise((resolve, reject) => {
    get(vigil.enrolUrl + document, { ca }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => resolve(Buffer.concat(chunks).toString("latin1")));
    }).once("error", reject);
  });
}
