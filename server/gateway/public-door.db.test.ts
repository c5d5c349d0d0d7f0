import https from "node:https";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { startGateway } from "./main.ts";
import { freePort, type System, startSystem } from "./testing/start-system.ts";
import { makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

let database: TestDatabase;
let system: System;
let agent: TestAgent;
let open: https.Agent;

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  agent = await makeAgent(system, "known-agent");
  open = new https.Agent({ ca: agent.rootPem, keepAlive: true });
});
afterAll(async () => {
  open?.destroy();
  await agent?.close();
  await system?.close();
  await database?.close();
});

const get = (path: string) => send(open, system.env.enrolUrl + path, { method: "GET" });

describe("documents that anybody may read", () => {
  it("the authorization server's metadata and keys", async () => {
    const metadata = await get("/.well-known/oauth-authorization-server");
    expect(metadata).toMatchObject({ status: 200, body: { issuer: system.env.enrolUrl } });
    const { body } = (await get("/.well-known/jwks.json")) as { body: { keys?: Record<string, unknown>[] } };
    expect(body.keys?.[0]).toMatchObject({ kty: "OKP", crv: "Ed25519" });
    expect(body.keys?.[0]).not.toHaveProperty("d");
  });

  it("an agent's DID document, and a plain 404 for no agent and for a name that is none", async () => {
    const found = await get("/agents/known-agent/did.json");
    const { host } = new URL(system.env.enrolUrl);
    expect(found).toMatchObject({
      status: 200,
      body: { id: `did:web:${encodeURIComponent(host)}:agents:known-agent`, alsoKnownAs: [agent.did] },
    });
    for (const name of ["nobody", "..%2f..%2fetc", "%00", "A".repeat(300)])
      expect((await get(`/agents/${name}/did.json`)).status).toBeGreaterThanOrEqual(400);
    expect((await get("/agents/nobody/did.json")).status).toBe(404);
  });

  it("the trust bundle, and the revocation lists by name only", async () => {
    expect(String((await get("/v1/trust-bundle")).body)).toContain("BEGIN CERTIFICATE");
    expect((await get("/v1/crl/transport.crl")).status).toBe(200);
    expect((await get("/v1/crl/root.crl")).status).toBe(200);
    expect((await get("/v1/crl/door.crl")).status).toBe(404);
    expect((await get(`/v1/crl/${"0".repeat(40)}.crl`)).status).toBe(404);
    expect((await get("/v1/crl/transport")).status).toBe(404);
  });

  it("the newest checkpoint, once there is one", async () => {
    expect(await get("/v1/log/checkpoint")).toMatchObject({
      status: 404,
      body: { error: { code: "checkpoint_missing" } },
    });
    await system.db.execute(sql`
      insert into audit_checkpoints (size, root, note, frontier, key_id, at, epoch)
      values (1, '\\x00', 'origin\n1\nroot\n', '\\x00', 'k', now(), 1), (3, '\\x00', 'origin\n3\nroot\n', '\\x00', 'k', now(), 1)`);
    expect(await get("/v1/log/checkpoint")).toMatchObject({ status: 200, body: "origin\n3\nroot\n" });
  });
});

describe("enrolment", () => {
  const enrolment = (body: unknown) =>
    send(open, `${system.env.enrolUrl}/v1/enrolments`, {
      headers: { "content-type": "application/json" },
      body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
    });
  const csrs = { transport: "x", signature: "x", oauth: "x", callback: "x", encryption: "x" };

  it("refuses a token that nobody made, and what is no enrolment, in words", async () => {
    expect(await enrolment({ joinToken: "vjt_made-up", csrs })).toMatchObject({
      status: expect.toSatisfy((status: number) => status === 400 || status === 401),
      body: { error: { message: expect.any(String) } },
    });
    expect(await enrolment({ csrs })).toMatchObject({
      status: 400,
      body: { error: { code: "malformed_enrolment" } },
    });
    expect(await enrolment("{")).toMatchObject({
      status: 400,
      body: { error: { code: "malformed_request" } },
    });
    expect(await enrolment("x".repeat(100_000))).toMatchObject({ status: 413 });
  });

  it("the agents' own routes are not here", async () => {
    for (const path of ["/v1/actions", "/oauth/token", "/v1/credentials/transport"])
      expect((await send(open, system.env.enrolUrl + path, { body: Buffer.from("{}") })).status).toBe(404);
  });
});

describe("starting and stopping", () => {
  it("a taken port is one line that names the port and the variable", async () => {
    const env = { ...system.env, enrolPort: await freePort() };
    await expect(startGateway(env)).rejects.toThrow(
      `Port ${env.gatewayPort} is in use. End the program that holds it, or set VIGIL_GATEWAY_PORT.`,
    );
    const other = { ...system.env, gatewayPort: await freePort() };
    await expect(startGateway(other)).rejects.toThrow(/VIGIL_ENROL_PORT/);
  });

  it("a gateway is on the list of processes while it runs, and not after", async () => {
    const env = { ...system.env, gatewayPort: await freePort(), enrolPort: await freePort() };
    const second = await startGateway(env);
    const row = () =>
      system.db
        .execute(sql`select role, detail from processes where id = ${second.gatewayId}`)
        .then(({ rows }) => rows);
    expect(await row()).toMatchObject([{ role: "gateway", detail: { queueDepth: 0 } }]);
    await second.close();
    expect(await row()).toEqual([]);
  });
});
