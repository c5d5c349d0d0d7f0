import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { revokeCredential } from "../layers/identity/revoke-credential.ts";
import { ADMIN } from "../layers/identity/testing/identity-world.ts";
import { setIsolation } from "../layers/isolation/set-isolation.ts";
import { createHopWorld, type HopWorld, rfc9440, xfcc } from "./testing/hop-world.ts";
import { hasNginx } from "./testing/nginx.ts";
import { type Answer, connect, send, type TestAgent } from "./testing/test-agent.ts";

const bodyOf = () => JSON.stringify([{ action: "transactions.read", at: new Date().toISOString() }]);
const codeOf = ({ status, body }: Answer) => [status, body.error?.code];

let world: HopWorld;
let agent: TestAgent;
let other: TestAgent;
beforeAll(async () => {
  if (!hasNginx) return;
  world = await createHopWorld();
  agent = await world.agent("behind-1");
  other = await world.agent("behind-2");
}, 120_000);
afterAll(() => world?.close());

/** A signed request, addressed as the agents know the gateway, to whichever port of it. */
async function post(
  port: number,
  who: TestAgent,
  over: {
    as?: { keyPem: string; certificatePem: string };
    headers?: Record<string, string | string[]>;
    token?: string;
  } = {},
): Promise<Answer> {
  const signed = await who.sign(bodyOf(), over.token ? { token: over.token } : {});
  const headers = { ...signed.headers, host: `localhost:${world.xfccPort}`, ...over.headers };
  const connection = connect(who.rootPem, over.as ?? who.credential("transport"));
  try {
    return await send(connection, `https://localhost:${port}/v1/actions`, {
      headers: headers as Record<string, string>,
      body: signed.body,
    });
  } finally {
    connection.destroy();
  }
}
/** The trusted hop itself, saying what the test likes. */
const asHop = (who: TestAgent, headers: Record<string, string | string[]>) =>
  post(world.hopPort, who, { as: "client-cert" in headers ? world.own : world.ownXfcc, headers });

async function newestOf(who: TestAgent) {
  const { rows } = await world.system.db.execute<{ body: Buffer }>(
    sql`select body from audit_records where agent_id = ${who.id} and kind = 'agent.actions' order by ord desc limit 1`,
  );
  return rows[0] && JSON.parse(rows[0].body.toString("utf8"));
}
async function counted(): Promise<{ code: string; count: number; source: string }[]> {
  const { rows } = await world.system.db.execute<{ body: Buffer }>(
    sql`select body from audit_records where kind = 'denials.aggregated'`,
  );
  return rows.flatMap((row) => JSON.parse(row.body.toString("utf8")).details.counts);
}

describe.skipIf(!hasNginx)("through a real nginx that ends the agents' TLS", () => {
  it("an agent asks for its token and acts, bound to its own certificate", async () => {
    expect((await post(world.xfccPort, agent)).status).toBe(202);
    const { token } = await agent.token();
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    expect(claims.cnf["x5t#S256"]).toBe(agent.credential("transport").thumbprint);
    expect(await newestOf(agent)).toMatchObject({ outcome: "allow", agentId: agent.did });
  });

  it("the certificate is taken as RFC 9440 writes it, which nginx does with a map", async () => {
    expect((await post(world.rfcPort, agent)).status).toBe(202);
  });

  it("the agent renews its certificate, and goes on with the new one", async () => {
    const renewing = await world.agent("behind-renews");
    const before = renewing.credential("transport").thumbprint;
    await renewing.sdk.renew("transport");
    const after = renewing.credential("transport");
    expect(after.thumbprint).not.toBe(before);
    expect((await post(world.xfccPort, renewing, { as: after })).status).toBe(202);
  });

  it.each([
    [
      "Client-Cert",
      (): Record<string, string> => ({
        "client-cert": rfc9440(other.credential("transport").certificatePem),
      }),
    ],
    [
      "X-Forwarded-Client-Cert",
      () => ({ "x-forwarded-client-cert": xfcc(other.credential("transport").certificatePem) }),
    ],
  ])("a client that forges %s is overwritten: it stays who it is", async (_, forged) => {
    for (const port of [world.xfccPort, world.rfcPort]) {
      expect((await post(port, agent, { headers: forged() })).status).toBe(202);
      expect(await newestOf(agent)).toMatchObject({ outcome: "allow", agentId: agent.did });
      const stolen = await post(port, other, { as: agent.credential("transport"), headers: forged() });
      expect(codeOf(stolen)).toEqual([401, "signature_key_unknown"]);
    }
  });

  it("a token over a certificate that it is not bound to, or over none, is 401 invalid_token (RFC 8705 §3)", async () => {
    const { token } = await other.token();
    const foreign = await post(world.xfccPort, agent, { token });
    expect(codeOf(foreign)).toEqual([401, "token_foreign"]);
    const renewing = await world.agent("behind-not-bound");
    const { token: before } = await renewing.token();
    await renewing.sdk.renew("transport");
    const notBound = await post(world.xfccPort, renewing, { token: before });
    expect(codeOf(notBound)).toEqual([401, "token_not_bound"]);
    const without = await post(world.hopPort, agent, { as: world.ownXfcc });
    expect(without.status).toBe(401);
    for (const { headers } of [foreign, notBound, without])
      expect(headers["www-authenticate"]).toMatch(
        /^Bearer error="invalid_token", error_description="[^"]+"$/,
      );
  });

  it("the record has the agent's address as the proxy saw it, whatever the agent says of it", async () => {
    await post(world.xfccPort, agent, { headers: { "x-forwarded-for": "203.0.113.9" } });
    expect((await newestOf(agent)).details.sourceIp).toBe("127.0.0.1");
  });

  it("a client without a certificate does not get past the proxy; nor past the gateway, where the proxy lets it", async () => {
    const nobody = connect(agent.rootPem, null);
    const request = await agent.sign(bodyOf());
    const host = { host: `localhost:${world.xfccPort}` };
    const headers = { ...request.headers, ...host };
    const through = (port: number) =>
      send(nobody, `https://localhost:${port}/v1/actions`, { headers, body: request.body });
    expect((await through(world.xfccPort)).status).toBe(400);
    expect(codeOf(await through(world.openPort))).toEqual([401, "certificate_missing"]);
  });

  it("a foreign certificate that a careless proxy lets through is refused by the gateway", async () => {
    expect(codeOf(await post(world.openPort, agent, { as: world.stranger }))).toEqual([
      401,
      "certificate_untrusted",
    ]);
  });

  it("cutting an agent refuses each of its requests, and no other agent's on the same proxy connection", async () => {
    const cut = await world.agent("behind-cut");
    expect((await post(world.xfccPort, cut)).status).toBe(202);
    await world.system.db.transaction((tx) =>
      setIsolation(tx, {
        agentId: cut.id,
        state: "deny_all",
        reason: "test",
        actor: ADMIN_WHO_CONTAINS,
        now: new Date(),
      }),
    );
    await vi.waitFor(async () =>
      expect(codeOf(await post(world.xfccPort, cut))).toEqual([403, "agent_isolated"]),
    );
    expect((await post(world.xfccPort, agent)).status).toBe(202);
  });

  it("a revoked certificate is refused at its next request", async () => {
    const revoked = await world.agent("behind-revoked");
    expect((await post(world.xfccPort, revoked)).status).toBe(202);
    await revokeTransport(revoked);
    await vi.waitFor(async () =>
      expect(codeOf(await post(world.xfccPort, revoked))).toEqual([401, "certificate_revoked"]),
    );
  });

  it("what the agent negotiated with the proxy is observed, key exchange and all", async () => {
    await vi.waitFor(async () => {
      const { rows } = await world.system.db.execute(sql`
        select path, version, cipher, key_exchange, thumbprint from observed_connections where agent_id = ${agent.id}`);
      expect(rows).toContainEqual({
        path: "hop",
        version: "TLSv1.3",
        cipher: expect.stringMatching(/^TLS_AES_/),
        key_exchange: expect.stringMatching(/\w/),
        thumbprint: agent.credential("transport").thumbprint,
      });
    }, 12_000);
  });
});

describe.skipIf(!hasNginx)("the door for hops takes nobody but the pinned proxy", () => {
  it("no agent, though its certificate is of the transport authority", async () => {
    await expect(
      post(world.hopPort, agent, {
        headers: { "client-cert": rfc9440(other.credential("transport").certificatePem) },
      }),
    ).rejects.toThrow();
  });
  it("no other proxy, and nobody without a certificate", async () => {
    const headers = { "client-cert": rfc9440(agent.credential("transport").certificatePem) };
    await expect(post(world.hopPort, agent, { as: world.stranger, headers })).rejects.toThrow();
    const { headers: signed, body } = await agent.sign(bodyOf());
    await expect(
      send(connect(agent.rootPem, null), `https://localhost:${world.hopPort}/v1/actions`, {
        headers: { ...signed, ...headers },
        body,
      }),
    ).rejects.toThrow();
  });
  it("the proxy's own certificate is nobody's: without a forwarded one nothing is admitted", async () => {
    expect(codeOf(await asHop(agent, {}))).toEqual([401, "certificate_missing"]);
  });
  it("a token asked for by the hop in its own name is refused", async () => {
    const answer = await send(
      connect(agent.rootPem, world.own),
      `https://localhost:${world.hopPort}/oauth/token`,
      {
        headers: { host: `localhost:${world.xfccPort}`, "content-type": "application/x-www-form-urlencoded" },
        body: Buffer.from("grant_type=client_credentials"),
      },
    );
    expect(answer.status).toBe(401);
  });
});

describe.skipIf(!hasNginx)("a certificate in the header from the trusted hop is verified again", () => {
  const mine = () => agent.credential("transport").certificatePem;

  it.each([
    ["RFC 9440", () => ({ "client-cert": rfc9440(mine()) })],
    ["XFCC", () => ({ "x-forwarded-client-cert": xfcc(mine()) })],
  ])("and admitted where it is good, as %s", async (_, headers) => {
    expect((await asHop(agent, headers())).status).toBe(202);
  });

  it("and refused where it is another agent's than the request's", async () => {
    const answer = await asHop(agent, {
      "client-cert": rfc9440(other.credential("transport").certificatePem),
    });
    expect(codeOf(answer)).toEqual([401, "signature_key_unknown"]);
  });

  it.each([
    ["of no authority of ours", async () => rfc9440(world.stranger.certificatePem), "certificate_untrusted"],
    [
      "of another purpose of the same agent",
      async () => rfc9440(agent.credential("oauth").certificatePem),
      "certificate_untrusted",
    ],
    ["an authority's", async () => rfc9440(world.clientCaPem), "certificate_purpose_wrong"],
    [
      "of the transport authority, but of no agent",
      async () => rfc9440((await world.sign("transport")).certificatePem),
      "certificate_unknown",
    ],
    [
      "of the transport authority, but for servers alone",
      async () =>
        rfc9440((await world.sign("transport", { extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"] })).certificatePem),
      "certificate_purpose_wrong",
    ],
    [
      "expired",
      async () =>
        rfc9440((await world.sign("transport", { notAfter: new Date(Date.now() - 60_000) })).certificatePem),
      "certificate_expired",
    ],
    [
      "not valid yet",
      async () =>
        rfc9440(
          (await world.sign("transport", { notBefore: new Date(Date.now() + 600_000) })).certificatePem,
        ),
      "certificate_expired",
    ],
  ])("and refused with its reason where it is %s", async (_, header, code) => {
    expect(codeOf(await asHop(agent, { "client-cert": await header() }))).toEqual([401, code]);
  });

  it.each([
    [
      "two values joined by a comma",
      () => ({ "client-cert": `${rfc9440(mine())}, ${rfc9440(mine())}` }),
      "ambiguous",
    ],
    ["two fields", () => ({ "client-cert": [rfc9440(mine()), rfc9440(mine())] }), "ambiguous"],
    [
      "both forms at once",
      () => ({ "client-cert": rfc9440(mine()), "x-forwarded-client-cert": xfcc(mine()) }),
      "ambiguous",
    ],
    [
      "two XFCC elements",
      () => ({ "x-forwarded-client-cert": `${xfcc(mine())},${xfcc(mine())}` }),
      "ambiguous",
    ],
    ["malformed base64", () => ({ "client-cert": ":not base64!:" }), "malformed"],
    [
      "no certificate",
      () => ({ "client-cert": `:${Buffer.from("hello").toString("base64")}:` }),
      "malformed",
    ],
    [
      "bytes after the certificate",
      () => ({ "client-cert": rfc9440(mine()).replace(/=*:$/, "AAAA:") }),
      "malformed",
    ],
    [
      "nginx's escaped PEM in Client-Cert",
      () => ({ "client-cert": encodeURIComponent(mine()) }),
      "malformed",
    ],
    [
      "too many bytes",
      () => ({ "client-cert": `:${Buffer.alloc(6_000, 1).toString("base64")}:` }),
      "oversize",
    ],
    [
      "a hash and no certificate",
      () => ({ "x-forwarded-client-cert": `Hash=${"a".repeat(64)}` }),
      "insufficient",
    ],
  ])("and refused where the header has %s", async (_, headers, reason) => {
    expect(codeOf(await asHop(agent, headers()))).toEqual([401, `client_certificate_header_${reason}`]);
  });

  it.each([
    ["Client-Cert", () => world.ownXfcc, () => ({ "client-cert": rfc9440(mine()) })],
    ["X-Forwarded-Client-Cert", () => world.own, () => ({ "x-forwarded-client-cert": xfcc(mine()) })],
  ])("and refused in %s, where that is not the field of this hop", async (_, hop, headers) => {
    const answer = await post(world.hopPort, agent, { as: hop(), headers: headers() });
    expect(codeOf(answer)).toEqual([401, "client_certificate_header_unexpected"]);
  });

  it("and each refusal is counted under its reason", async () => {
    await vi.waitFor(async () => {
      const codes = new Set((await counted()).map((it) => it.code));
      for (const code of [
        "certificate_untrusted",
        "certificate_expired",
        "client_certificate_header_ambiguous",
        "hop_untrusted",
      ])
        expect(codes).toContain(code);
    }, 15_000);
  });
});

describe.skipIf(!hasNginx)("an agent's own connection is never believed about anybody else", () => {
  it.each([
    ["client-cert", () => rfc9440(other.credential("transport").certificatePem)],
    ["x-forwarded-client-cert", () => xfcc(other.credential("transport").certificatePem)],
    ["client-cert-chain", () => rfc9440(world.clientCaPem)],
  ])("%s straight to the gateway is stripped: the request is the connection's", async (name, value) => {
    const port = world.system.env.gatewayPort;
    expect((await post(port, agent, { headers: { [name]: value() } })).status).toBe(202);
    expect(await newestOf(agent)).toMatchObject({ outcome: "allow", agentId: agent.did });
    const stolen = await post(port, other, {
      as: agent.credential("transport"),
      headers: { [name]: value() },
    });
    expect(codeOf(stolen)).toEqual([401, "signature_key_unknown"]);
  });

  it("and each such request is counted", async () => {
    await vi.waitFor(
      async () =>
        expect(await counted()).toContainEqual(
          expect.objectContaining({ code: "client_certificate_header_untrusted" }),
        ),
      15_000,
    );
  });
});

const ADMIN_WHO_CONTAINS = { type: "system", id: "test" } as const;

async function revokeTransport(who: TestAgent): Promise<void> {
  const { db } = world.system;
  const { rows } = await db.execute<{ id: string }>(
    sql`select id from credentials where agent_id = ${who.id} and purpose = 'transport'`,
  );
  for (const { id } of rows)
    await db.transaction((tx) =>
      revokeCredential(tx, { credentialId: id, reason: "key-compromise", actor: ADMIN, now: new Date() }),
    );
}
