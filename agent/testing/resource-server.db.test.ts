import https from "node:https";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { forger } from "../../server/gateway/oauth/testing/token-client.ts";
import { type System, startSystem } from "../../server/gateway/testing/start-system.ts";
import { makeAgent, send, type TestAgent } from "../../server/gateway/testing/test-agent.ts";
import { listTokenKeys } from "../../server/layers/authorization/list-token-keys.ts";
import { rotateTokenKey } from "../../server/layers/authorization/rotate-token-key.ts";
import { makePerson } from "../../server/layers/authorization/testing/people-and-agents.ts";
import { type ResourceServer, startResourceServer } from "./resource-server.ts";

let database: TestDatabase;
let system: System;
let server: TestAgent;
let agent: TestAgent;
let resource: ResourceServer;
let pool: https.Agent;
let tokens: Awaited<ReturnType<typeof forger>>;
const seconds = () => Math.floor(Date.now() / 1000);

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  server = await makeAgent(system, "core-api", [], { kind: "resource-server" });
  agent = await makeAgent(system, "visitor");
  tokens = await forger(system);
  resource = await startResourceServer(server, system.env.enrolUrl);
  const { keyPem: key, certificatePem: cert } = agent.credential("transport");
  // It is known by its SPIFFE name, and has no host's.
  pool = new https.Agent({ ca: agent.rootPem, key, cert, checkServerIdentity: () => undefined });
});
afterAll(async () => {
  pool?.destroy();
  await resource?.close();
  await agent?.close();
  await server?.close();
  await system?.close();
  await database?.close();
});

const ask = async (authorization: string | undefined) =>
  (await send(pool, resource.url, { headers: authorization === undefined ? {} : { authorization } })).status;
const own = () => agent.credential("transport").thumbprint;

describe("a resource server", () => {
  it("serves whoever shows a token that is right in all, over the certificate that it is bound to", async () => {
    expect(await ask(`Bearer ${await tokens.forge(agent)}`)).toBe(200);
    expect(await ask(`bearer ${(await agent.token()).token}`)).toBe(200);
  });

  it.each<[string, Record<string, unknown>, number]>([
    ["of another issuer", { iss: "https://evil.example" }, 401],
    ["for another audience", { aud: "https://elsewhere.example" }, 401],
    ["issued in the future", { iat: seconds() + 61 }, 401],
    ["that is not valid yet", { nbf: seconds() + 61 }, 401],
    ["that has expired", { iat: seconds() - 600, exp: seconds() - 60 }, 401],
    ["without an id", { jti: undefined }, 401],
    ["without a subject", { sub: undefined }, 401],
    ["without a client", { client_id: undefined }, 401],
    ["without the instant of its issue", { iat: undefined }, 401],
    ["without an end", { exp: undefined }, 401],
    ["without scopes", { scope: undefined }, 401],
    ["without a binding", { cnf: undefined }, 401],
    ["bound to another certificate", { cnf: { "x5t#S256": "another" } }, 401],
    ["whose scope covers something else", { scope: "transactions:analyze" }, 403],
    ["whose scope only begins alike", { scope: "transactions:read-all" }, 403],
  ])("refuses a token %s", async (_, claims, status) => {
    expect(await ask(`Bearer ${await tokens.forge(agent, claims)}`)).toBe(status);
  });

  it("refuses a token that is bound to a key as well, sent without its proof", async () => {
    const token = await tokens.forge(agent, { cnf: { "x5t#S256": own(), jkt: "k".repeat(43) } });
    for (const scheme of ["Bearer", "DPoP"]) expect(await ask(`${scheme} ${token}`), scheme).toBe(401);
  });

  it("refuses what is not one token in the scheme Bearer", async () => {
    const token = await tokens.forge(agent);
    for (const header of [undefined, "", token, `Basic ${token}`, `Bearer ${token} x`, "Bearer", "Bearer "])
      expect(await ask(header), header).toBe(401);
  });

  it("learns a key that began to sign after it had started", async () => {
    const ctx = { db: system.db, actor: await makePerson(system.db, ["admin"]), now: new Date() };
    const known = (await listTokenKeys(ctx)).find(({ phase }) => phase === "signing")?.keyId ?? "";
    await rotateTokenKey(ctx, { keyId: known, doubt: "all-keys", reason: "a laptop was stolen" });
    await vi.waitFor(
      async () => {
        const fresh = await (await forger(system)).forge(agent);
        expect(await ask(`Bearer ${fresh}`)).toBe(200);
      },
      { timeout: 8_000, interval: 100 },
    );
  });
});
