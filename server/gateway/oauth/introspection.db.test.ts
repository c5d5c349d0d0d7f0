import { createHash, randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { accessTokens, agents, credentials } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { ensureDefaultPolicy } from "../../layers/authorization/ensure-default-policy.ts";
import { grantBaseScopes } from "../../layers/authorization/grant-base-scopes.ts";
import { revokeAgentTokens } from "../../layers/authorization/revoke-agent-tokens.ts";
import { makeAgent, NOW, recordsOf, SYSTEM } from "../../layers/authorization/testing/people-and-agents.ts";
import {
  askToken,
  createTestAuthority,
  startTokenServer,
  type TestAgent,
  type TestAuthority,
  type TokenServer,
} from "./testing/token-endpoint.ts";

let test: TestDatabase;
let authority: TestAuthority;
let server: TokenServer;
let who: TestAgent;

beforeAll(async () => {
  test = await createTestDatabase();
  await ensureDefaultPolicy(test.db, NOW);
  authority = await createTestAuthority(test.db);
  server = await startTokenServer(test.db, authority);
});
afterAll(async () => {
  await server.close();
  await test.close();
});
beforeEach(async () => {
  who = await enrolled("transactions:read", "transactions:analyze");
});

async function enrolled(...scopes: string[]): Promise<TestAgent> {
  const agent = await makeAgent(test.db);
  await test.db.transaction((tx) =>
    grantBaseScopes(tx, { agentId: agent.id, scopes, actor: SYSTEM, now: new Date() }),
  );
  return authority.enrol(agent);
}

const tokensOf = (agentId: string) =>
  test.db.select().from(accessTokens).where(eq(accessTokens.agentId, agentId));

describe("introspection and revocation", () => {
  const form = (token: unknown) => new URLSearchParams({ token: String(token) });
  const introspect = async (by: TestAgent, token: unknown) =>
    (await server.post("/oauth/introspect", by.transport, form(token))).body;
  let token: unknown;
  beforeEach(async () => {
    token = (await askToken(server, who, "transactions:read")).body.access_token;
  });

  it("tell of no token whose certificate was revoked", async () => {
    const { thumbprint } = who.transport;
    const resource = await authority.enrol(await makeAgent(test.db, { kind: "resource-server" }));
    expect(await introspect(resource, token)).toMatchObject({ active: true });
    await test.db
      .update(credentials)
      .set({ status: "revoked", revokedAt: new Date(), revokeReason: "key lost" })
      .where(eq(credentials.thumbprint, thumbprint));
    expect(await introspect(resource, token)).toEqual({ active: false });
  });

  it("tell the holder and resource servers, and nobody else", async () => {
    const expected = { active: true, sub: who.agent.did, cnf: { "x5t#S256": who.transport.thumbprint } };
    expect(await introspect(who, token)).toMatchObject(expected);
    const resource = await authority.enrol(await makeAgent(test.db, { kind: "resource-server" }));
    expect(await introspect(resource, token)).toMatchObject(expected);
    expect(await introspect(await enrolled(), token)).toEqual({ active: false });
  });

  it("call an altered, foreign or unknown token inactive and say nothing more", async () => {
    const [head, payload = "", signature] = String(token).split(".");
    const claims = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), scope: "payments:execute" };
    const altered = [head, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
    expect(await introspect(who, altered)).toEqual({ active: false });
    expect(await introspect(who, createHash("sha256").update(randomUUID()).digest("hex"))).toEqual({
      active: false,
    });
    const none = await server.post("/oauth/introspect", who.transport, new URLSearchParams());
    expect(none).toMatchObject({ status: 400, body: { error: "invalid_request" } });
  });

  it("end the token when its holder gives it back, and nobody else's", async () => {
    const other = await enrolled();
    expect((await server.post("/oauth/revoke", other.transport, form(token))).status).toBe(200);
    expect(await introspect(who, token)).toMatchObject({ active: true });
    expect((await server.post("/oauth/revoke", who.transport, form(token))).status).toBe(200);
    expect(await introspect(who, token)).toEqual({ active: false });
    expect((await server.post("/oauth/revoke", who.transport, form("nonsense"))).status).toBe(200);
    const [record] = await recordsOf(test.db, who.agent.id);
    const [row] = await tokensOf(who.agent.id);
    expect(record).toMatchObject({ kind: "token.revoked", body: { grantIds: row?.grantIds } });
  });

  it("show every token of an agent dead once they are revoked together, one being issued included", async () => {
    const racing = Array.from({ length: 6 }, () => askToken(server, who, "transactions:read"));
    const { revoked } = await test.db.transaction(async (tx) => {
      const outcome = await revokeAgentTokens(tx, {
        ...{ agentId: who.agent.id, reason: "contained", actor: SYSTEM, now: new Date() },
      });
      await tx.update(agents).set({ status: "contained" }).where(eq(agents.id, who.agent.id));
      return outcome;
    });
    await Promise.all(racing);
    expect(revoked).toBeGreaterThanOrEqual(1);
    for (const row of await tokensOf(who.agent.id)) expect(row.revokedAt).not.toBeNull();
    expect(await introspect(who, token)).toEqual({ active: false });
    const records = await recordsOf(test.db, who.agent.id);
    const [dead] = records.filter(({ kind }) => kind === "token.revoked");
    const carried = (await tokensOf(who.agent.id)).flatMap((row) => row.grantIds);
    expect(dead?.body.grantIds).toEqual([...new Set(carried)]);
  });
});
