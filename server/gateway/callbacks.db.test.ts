import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { eq } from "drizzle-orm";
import { CompactEncrypt, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, test, vi } from "vitest";
import { AgentError } from "../../agent/errors.ts";
import { callbackDeliveries, credentials } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import {
  CALLBACK_ALGORITHMS,
  CALLBACK_MEDIA_TYPE,
  CALLBACK_TYPE,
  type CallbackMessage,
} from "../kernel/callback.ts";
import { present } from "../kernel/ensure.ts";
import { readApproval } from "../layers/authorization/read-approval.ts";
import { requestApproval } from "../layers/authorization/request-approval.ts";
import { makePerson, type Operator } from "../layers/authorization/testing/people-and-agents.ts";
import { voteOnApproval } from "../layers/authorization/vote-on-approval.ts";
import { revokeCredential } from "../layers/identity/revoke-credential.ts";
import { callAgentsBack } from "../worker/call-agents-back.ts";
import { issueCertificates } from "../worker/issue-certificates.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { connect, makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

let database: TestDatabase;
let system: System;
let analyst: Operator;
let approver: Operator;
const agents: TestAgent[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls, [issueCertificates, callAgentsBack]);
  analyst = await makePerson(system.db, ["analyst"]);
  approver = await makePerson(system.db, ["approver"]);
});
afterAll(async () => {
  for (const agent of agents) await agent.close();
  await system.close();
  await database.close();
});

async function make(name: string): Promise<TestAgent> {
  const agent = await makeAgent(system, name);
  agents.push(agent);
  return agent;
}

/** A person asks for a scope of this agent and another decides. @returns the approval's id. */
async function decide(agent: TestAgent, vote: "approve" | "deny" = "approve"): Promise<string> {
  const as = (actor: Operator) => ({ db: system.db, actor, now: new Date() });
  const asked = { agent: agent.name, scope: "payments:execute", durationSeconds: 600, reason: "Month end" };
  const { approvalId } = await requestApproval(as(analyst), asked);
  const { id, digest } = await readApproval(as(approver), approvalId);
  await voteOnApproval(as(approver), { id, digest, vote, reason: "Checked it" }, "totp");
  return approvalId;
}

const deliveryOf = async (subject: string) =>
  present(
    (await system.db.select().from(callbackDeliveries).where(eq(callbackDeliveries.subject, subject)))[0],
    "the delivery",
  );

/** A server of a test's choice at which callbacks arrive: it keeps what came and answers as told. */
async function openServer(key: string, cert: string, answer: () => number = () => 204) {
  const bodies: string[] = [];
  const server = createServer({ key, cert }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(Buffer.concat(chunks).toString("utf8"));
    response.writeHead(answer()).end();
  }).on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://localhost:${port}/`,
    bodies,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function nameServer(agent: TestAgent, url: string): Promise<number> {
  const pool = connect(agent.rootPem, agent.credential("transport"));
  const { status } = await send(pool, `${system.env.gatewayUrl}/v1/callback`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify({ url })),
  });
  pool.destroy();
  return status;
}

describe("an agent that waits for a decision", () => {
  it("is told at its own server, once, whoever approved or denied and however it changed its keys", async () => {
    const agent = await make("waiter");
    const told: CallbackMessage[] = [];
    const door = await agent.sdk.listen({ port: 0, onCallback: (message) => void told.push(message) });
    const first = await decide(agent);
    await vi.waitFor(() => expect(told).toHaveLength(1), 10_000);
    expect(told[0]).toMatchObject({
      id: `approval.decided/${first}`,
      topic: "approval.decided",
      data: { approvalId: first, scope: "payments:execute", status: "approved", grantId: expect.any(String) },
    });
    await agent.sdk.renew("callback");
    await agent.sdk.renew("encryption");
    await system.db.$client.query(
      "update grants set revoked_at = now(), revoke_reason = 'x' where agent_id = $1",
      [agent.id],
    );
    const second = await decide(agent, "deny");
    await vi.waitFor(() => expect(told).toHaveLength(2), 10_000);
    expect(told[1]?.data).toMatchObject({ approvalId: second, status: "denied", grantId: null });
    await door.close();
  });

  it("is told in order when it was away, and again when it could not take it in", async () => {
    const agent = await make("was-away");
    let broken = true;
    const told: string[] = [];
    const onCallback = ({ data }: CallbackMessage) => {
      if (broken) throw new Error("not now");
      told.push(String(data.status));
    };
    const door = await agent.sdk.listen({ port: 0, onCallback });
    const id = await decide(agent);
    await vi.waitFor(async () => expect((await deliveryOf(id)).attempts).toBeGreaterThan(0), 10_000);
    const next = await decide(agent, "deny").catch(() => null);
    broken = false;
    await vi.waitFor(() => expect(told[0]).toBe("approved"), 15_000);
    if (next) await vi.waitFor(() => expect(told).toEqual(["approved", "denied"]), 15_000);
    expect((await deliveryOf(id)).deliveredAt).not.toBeNull();
    await door.close();
  });
});

test("a handler that cannot reach Vigil costs neither the agent's process nor the message", async () => {
  const agent = await make("calls-back");
  let tries = 0;
  const onCallback = () => {
    if (++tries === 1) throw new AgentError("unreachable", 0, "Vigil could not be reached.");
  };
  const door = await agent.sdk.listen({ port: 0, onCallback });
  const id = await decide(agent);
  await vi.waitFor(async () => expect((await deliveryOf(id)).deliveredAt).not.toBeNull(), 15_000);
  expect(tries).toBe(2);
  await door.close();
});

test("what comes again while it is still taken in gets the same answer, not an earlier one", async () => {
  const agent = await make("slow-handler");
  const released = Promise.withResolvers<void>();
  let tries = 0;
  const onCallback = async () => {
    tries += 1;
    await released.promise;
    if (tries === 1) throw new Error("it did not work out");
  };
  const door = await agent.sdk.listen({ port: 0, onCallback });
  const id = await decide(agent);
  await vi.waitFor(async () => expect((await deliveryOf(id)).attempts).toBeGreaterThan(1), 30_000);
  expect((await deliveryOf(id)).deliveredAt).toBeNull();
  released.resolve();
  await vi.waitFor(async () => expect((await deliveryOf(id)).deliveredAt).not.toBeNull(), 30_000);
  expect(tries).toBe(2);
  await door.close();
}, 90_000);

describe("nobody else is told", () => {
  it("what goes over the wire is encrypted: it names neither the scope nor the decision", async () => {
    const agent = await make("sealed");
    const { keyPem, certificatePem } = agent.credential("callback");
    const server = await openServer(keyPem, certificatePem);
    expect(await nameServer(agent, server.url)).toBe(204);
    await decide(agent);
    await vi.waitFor(() => expect(server.bodies).toHaveLength(1), 10_000);
    const [body = ""] = server.bodies;
    expect(body.split(".")).toHaveLength(5);
    const seen = body.split(".").map((part) => Buffer.from(part, "base64url").toString("latin1"));
    for (const word of ["payments", "approved", agent.did]) expect(seen.join("")).not.toContain(word);
    server.close();
  });

  it.each([
    ["another agent's callback certificate", "callback", "impostor-1"],
    ["its own transport certificate", "transport", ""],
  ] as const)("a server that shows %s gets nothing", async (_, purpose, other) => {
    const agent = await make(`asks-for-${purpose}-${other || "own"}`);
    const shown = (other ? await make(other) : agent).credential(purpose);
    const server = await openServer(shown.keyPem, shown.certificatePem);
    await nameServer(agent, server.url);
    const id = await decide(agent);
    await vi.waitFor(async () => expect((await deliveryOf(id)).attempts).toBeGreaterThan(0), 10_000);
    expect((await deliveryOf(id)).lastError).toMatch(/connection failed/);
    expect(server.bodies).toEqual([]);
    server.close();
  });

  it("nor one whose callback certificate was revoked", async () => {
    const agent = await make("was-revoked");
    const held = agent.credential("callback");
    const server = await openServer(held.keyPem, held.certificatePem);
    await nameServer(agent, server.url);
    await agent.sdk.renew("callback");
    const [row] = await system.db
      .select()
      .from(credentials)
      .where(eq(credentials.thumbprint, held.thumbprint));
    const order = {
      reason: "key-compromise",
      actor: { type: "system", id: "test" },
      now: new Date(),
    } as const;
    await system.db.transaction((tx) =>
      revokeCredential(tx, { credentialId: present(row, "it").id, ...order }),
    );
    const id = await decide(agent);
    await vi.waitFor(async () => expect((await deliveryOf(id)).attempts).toBeGreaterThan(0), 10_000);
    expect((await deliveryOf(id)).lastError).toContain("CALLBACK_CERTIFICATE");
    expect(server.bodies).toEqual([]);
    server.close();
  });

  it("nor an address that no agent of a bank has", async () => {
    const agent = await make("asks-for-metadata");
    await nameServer(agent, "https://169.254.169.254/latest");
    const id = await decide(agent);
    await vi.waitFor(async () => expect((await deliveryOf(id)).attempts).toBeGreaterThan(0), 10_000);
    expect((await deliveryOf(id)).lastError).toContain("link-local");
  });
});

describe("an agent's callback server", () => {
  const seal = async (
    agent: TestAgent,
    key: KeyObject,
    change: { aud?: string; iat?: number; typ?: string } = {},
  ) => {
    const signed = await new SignJWT({
      topic: "approval.decided",
      createdAt: new Date().toISOString(),
      data: {},
    })
      .setProtectedHeader({ alg: "EdDSA", typ: change.typ ?? CALLBACK_TYPE, kid: "forged" })
      .setIssuer(system.env.enrolUrl)
      .setAudience(change.aud ?? agent.did)
      .setJti("forged")
      .setIssuedAt(change.iat)
      .sign(key);
    const { privateKey, keyId } = agent.credential("encryption");
    return new CompactEncrypt(Buffer.from(signed))
      .setProtectedHeader({ alg: CALLBACK_ALGORITHMS.key, enc: CALLBACK_ALGORITHMS.content, kid: keyId })
      .encrypt(createPublicKey(privateKey));
  };
  const post = (port: number, body: string, type = CALLBACK_MEDIA_TYPE, method = "POST") =>
    new Promise<number>((resolve, reject) => {
      const options = { port, method, rejectUnauthorized: false, headers: { "content-type": type } };
      httpsRequest(options, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on("error", reject)
        .end(body);
    });

  it("takes in nothing that Vigil did not sign for this agent, whoever encrypts it, and stays up", async () => {
    const agent = await make("attacked");
    const told: CallbackMessage[] = [];
    const door = await agent.sdk.listen({ port: 0, onCallback: (message) => void told.push(message) });
    const { privateKey: foreign } = generateKeyPairSync("ed25519");
    expect(await post(door.port, await seal(agent, foreign))).toBe(400);
    expect(await post(door.port, "a.b.c.d.e")).toBe(400);
    expect(await post(door.port, "\u0000".repeat(1_000))).toBe(400);
    expect(await post(door.port, "x".repeat(70_000))).toBe(413);
    expect(await post(door.port, "{}", "application/json")).toBe(415);
    expect(await post(door.port, "", CALLBACK_MEDIA_TYPE, "GET")).toBe(405);
    expect(told).toEqual([]);
    await decide(agent);
    await vi.waitFor(() => expect(told).toHaveLength(1), 10_000);
    await door.close();
  });

  it("takes in a message once, however often it is replayed, and another agent's never", async () => {
    const agent = await make("replayed");
    const { keyPem, certificatePem } = agent.credential("callback");
    const server = await openServer(keyPem, certificatePem);
    await nameServer(agent, server.url);
    await decide(agent);
    await vi.waitFor(() => expect(server.bodies).toHaveLength(1), 10_000);
    server.close();
    const told: CallbackMessage[] = [];
    const door = await agent.sdk.listen({ port: 0, onCallback: (message) => void told.push(message) });
    const [body = ""] = server.bodies;
    expect([await post(door.port, body), await post(door.port, body)]).toEqual([204, 204]);
    expect(told).toHaveLength(1);
    const other = await make("other-reader");
    const elsewhere = await other.sdk.listen({ port: 0, onCallback: (message) => void told.push(message) });
    expect(await post(elsewhere.port, body)).toBe(400);
    expect(told).toHaveLength(1);
    await door.close();
    await elsewhere.close();
  });
});

test.each([
  "http://localhost/",
  "https://user:secret@localhost/",
  "https://localhost/#x",
  "javascript:alert(1)",
  "",
])("%j is no place to be told at", async (url) => {
  const [agent] = agents;
  expect(await nameServer(present(agent, "an agent"), url)).toBe(400);
});
