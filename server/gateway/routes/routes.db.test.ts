import type https from "node:https";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { makeCertificateRequest } from "../../../agent/make-certificate-request.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { revokeCredential } from "../../layers/identity/revoke-credential.ts";
import { issueCertificates } from "../../worker/issue-certificates.ts";
import { pruneNonces } from "../../worker/prune-nonces.ts";
import { type System, startSystem } from "../testing/start-system.ts";
import { connect, makeAgent, send, type TestAgent } from "../testing/test-agent.ts";

let database: TestDatabase;
let system: System;
let agent: TestAgent;
let other: TestAgent;
let server: TestAgent;

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls, [issueCertificates, pruneNonces]);
  agent = await makeAgent(system, "asked-about");
  other = await makeAgent(system, "curious");
  server = await makeAgent(system, "core-api", [], { kind: "resource-server" });
});
afterAll(async () => {
  for (const each of [agent, other, server]) await each?.close();
  await system?.close();
  await database?.close();
});

const pool = (who: TestAgent): https.Agent => connect(who.rootPem, who.credential("transport"));
const post = (who: TestAgent, path: string, body: object) =>
  send(pool(who), system.env.gatewayUrl + path, {
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(body)),
  });

describe("may this agent do that?", () => {
  const ask = async (who: TestAgent, question: object) => {
    const { token } = await agent.token();
    return post(who, "/v1/decisions", { token, action: "transactions.read", ...question });
  };

  it("a resource server is told yes, with the certificate that the token is bound to, and it is recorded", async () => {
    const answer = await ask(server, {});
    expect(answer).toMatchObject({
      status: 200,
      body: { outcome: "allow", agent: agent.name, boundTo: agent.credential("transport").thumbprint },
    });
    const { rows } = await system.db.execute(
      sql`select outcome, actor from audit_records where kind = 'decision.answered' and agent_id = ${agent.id}`,
    );
    expect(rows).toEqual([{ outcome: "allow", actor: server.name }]);
  });

  it.each([
    ["another scope", { action: "payments.execute" }, "scope"],
    ["a peer that nobody knows", { peer: "nowhere" }, "peer-known"],
    ["a token that is none", { token: "nonsense" }, "token"],
  ])("no, for %s, and why", async (_, question, check) => {
    const { body } = (await ask(server, question)) as unknown as {
      body: { outcome: string; checks: { id: string; passed: boolean }[] };
    };
    expect(body.outcome).toBe("deny");
    expect(body.checks.filter((it) => !it.passed).map((it) => it.id)).toEqual([check]);
  });

  it("an agent may ask about itself, and not about another", async () => {
    expect(await ask(agent, {})).toMatchObject({ status: 200, body: { outcome: "allow" } });
    expect(await ask(other, {})).toMatchObject({
      status: 403,
      body: { error: { code: "not_a_resource_server" } },
    });
  });

  it("an agent that is called may ask about its caller, who is then told by name", async () => {
    const peer = other.name;
    expect(await ask(other, { peer })).toMatchObject({
      status: 200,
      body: { outcome: "allow", agent: agent.name },
    });
    expect(await ask(other, { peer: server.name })).toMatchObject({ status: 403 });
  });

  it("no, once the certificate that the token is bound to is revoked", async () => {
    const revoked = await makeAgent(system, "revoked-one");
    const { token } = await revoked.token();
    const { thumbprint } = revoked.credential("transport");
    const { rows } = await system.db.$client.query("select id from credentials where thumbprint = $1", [
      thumbprint,
    ]);
    const order = {
      reason: "key-compromise",
      actor: { type: "system", id: "test" },
      now: new Date(),
    } as const;
    await system.db.transaction((tx) => revokeCredential(tx, { credentialId: rows[0]?.id, ...order }));
    await vi.waitFor(async () => {
      const { body } = (await post(server, "/v1/decisions", { token, action: "transactions.read" })) as {
        body: { outcome?: string; checks?: { id: string; passed: boolean }[] };
      };
      expect(body.checks?.filter((it) => !it.passed).map((it) => it.id)).toEqual(["bound-certificate"]);
    });
    await revoked.close();
  });

  it("no, once the agent is contained", async () => {
    const contained = await makeAgent(system, "contained-one");
    const { token } = await contained.token();
    await system.db.execute(sql`update agents set status = 'contained' where id = ${contained.id}`);
    await system.db.execute(sql`select pg_notify('vigil', ${`agent:${contained.id}`})`);
    await vi.waitFor(async () =>
      expect(await post(server, "/v1/decisions", { token, action: "transactions.read" })).toMatchObject({
        body: { outcome: "deny" },
      }),
    );
    await contained.close();
  });
});

describe("renewal", () => {
  it("gives the next certificate for a new key, which works at once", async () => {
    const before = agent.credential("transport").thumbprint;
    await agent.sdk.renew("transport");
    expect(agent.credential("transport").thumbprint).not.toBe(before);
    await vi.waitFor(async () =>
      expect(
        await agent.sdk.report([{ action: "transactions.read", at: new Date().toISOString() }], {
          scopes: ["transactions:read"],
        }),
      ).toMatchObject({ admitted: 1 }),
    );
  });

  it("is refused for a purpose that is none, for no request, and for an agent that is suspended", async () => {
    const { csrPem } = await makeCertificateRequest("transport");
    for (const [path, body] of [
      ["/v1/credentials/root", { csr: csrPem }],
      ["/v1/credentials/transport", { csr: "" }],
      ["/v1/credentials/transport", {}],
    ] as const)
      expect(await post(other, path, body)).toMatchObject({
        status: 400,
        body: { error: { code: "malformed_renewal" } },
      });
    await system.db.execute(sql`update agents set status = 'suspended' where id = ${other.id}`);
    await system.db.execute(sql`select pg_notify('vigil', ${`agent:${other.id}`})`);
    await vi.waitFor(async () =>
      expect(await post(other, "/v1/credentials/transport", { csr: csrPem })).toMatchObject({
        status: 403,
        body: { error: { code: "agent_suspended" } },
      }),
    );
  });
});

it("a rule that an action breaks raises one alert in the transaction of the record", async () => {
  const request = await agent.sign(
    JSON.stringify([
      { action: "transactions.read", at: new Date().toISOString(), dataAccessed: ["customers/pii"] },
    ]),
  );
  expect(await send(pool(agent), `${system.env.gatewayUrl}/v1/actions`, request)).toMatchObject({
    status: 403,
    body: { error: { code: "rule_broken" } },
  });
  const { rows } = await system.db.execute<{ rule: string; record_id: string; outcome: string }>(sql`
    select a.rule, r.outcome from alerts a join audit_records r on r.id::text = a.detail->>'recordId'
    where a.agent_id = ${agent.id}`);
  expect(rows).toEqual([{ rule: "sensitive-data-in-scope", outcome: "deny" }]);
});

it("nonces are kept while a signature counts, and removed when it cannot count any more", async () => {
  const insert = (nonce: string, age: string) =>
    system.db.execute(sql`
      insert into request_nonces (agent_id, key_id, nonce, digest, status, answer, at)
      values (${agent.id}, 'k', ${nonce}, '\\x00', 202, '{}', now() - ${age}::interval)`);
  await insert("old", "11 minutes");
  await insert("young", "9 minutes");
  const left = () =>
    system.db
      .execute<{ nonce: string }>(sql`select nonce from request_nonces where key_id = 'k'`)
      .then(({ rows }) => rows.map((row) => row.nonce));
  await vi.waitFor(async () => expect(await left()).toEqual(["young"]), { timeout: 15_000, interval: 200 });
});
