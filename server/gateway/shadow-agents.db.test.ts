import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import https from "node:https";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { listShadowAgents } from "../layers/identity/list-shadow-agents.ts";
import type { ShadowAgent } from "../layers/identity/shadow-schema.ts";
import { ANALYST } from "../layers/identity/testing/identity-world.ts";
import { makeCsr, makeCsrSet, makeKey } from "../layers/identity/testing/make-csr.ts";
import { createHopWorld, type HopWorld, rfc9440 } from "./testing/hop-world.ts";
import { hasNginx, selfSigned } from "./testing/nginx.ts";
import { connect, send, type TestAgent } from "./testing/test-agent.ts";

const WITHIN_MS = 25_000;
const bodyOf = () => JSON.stringify([{ action: "transactions.read", at: new Date().toISOString() }]);

let world: HopWorld;
let agent: TestAgent;
beforeAll(async () => {
  if (!hasNginx) return;
  world = await createHopWorld();
  agent = await world.agent("shadow-witness");
}, 120_000);
afterAll(() => world?.close());

const findings = async (): Promise<ShadowAgent[]> =>
  (await listShadowAgents({ db: world.system.db, actor: ANALYST, now: new Date() }, { limit: 100 }))
    .shadowAgents;
async function finding(claimed: string, more: Partial<ShadowAgent> = {}): Promise<ShadowAgent> {
  return vi.waitFor(async () => {
    const one = (await findings()).find((it) => it.claimed === claimed);
    expect(one).toMatchObject({ claimed, ...more });
    return one as ShadowAgent;
  }, WITHIN_MS);
}

type Over = { as?: { keyPem: string; certificatePem: string }; headers?: Record<string, string> };
/** A request straight to the gateway's own door, or to another port of it. */
async function knock(
  signed: { headers: Record<string, string>; body: Buffer },
  { as, headers }: Over = {},
  port = world.system.env.gatewayPort,
) {
  const connection = connect(agent.rootPem, as ?? agent.credential("transport"));
  const all = { ...signed.headers, host: `localhost:${world.xfccPort}`, ...headers };
  try {
    return await send(connection, `https://localhost:${port}/v1/actions`, { ...signed, headers: all });
  } finally {
    connection.destroy();
  }
}

describe.skipIf(!hasNginx)("an unknown identity at the doors is a finding", () => {
  it.concurrent("by a foreign certificate, with what it claims, who issued it, its network and how often", async () => {
    const foreign = selfSigned(world.folder, "rogue");
    const signed = await agent.sign(bodyOf());
    for (let i = 0; i < 3; i += 1) await expect(knock(signed, { as: foreign })).rejects.toThrow();
    const one = await finding("spiffe://other/agent/rogue", { count: 3 });
    expect(one).toMatchObject({
      ...{ issuer: "CN=rogue", ways: ["certificate_foreign"], state: "open", suggestedName: "rogue" },
      network: expect.stringMatching(/^(127\.0\.0\.0\/24|0:0:0::\/48)$/),
    });
    expect(one.evidence).toHaveLength(43);
  });

  it.concurrent("by a certificate whose text tries to mislead its reader", async () => {
    const foreign = selfSigned(world.folder, "evil\u202Egnp", { uri: null });
    await expect(knock(await agent.sign(bodyOf()), { as: foreign })).rejects.toThrow();
    await finding("CN=evilgnp", { ways: ["certificate_foreign"] });
  });

  it.concurrent("by a certificate of our transport authority that is no agent's: critical", async () => {
    const stray = await world.sign("transport");
    const answer = await knock(await agent.sign(bodyOf()), { as: stray });
    expect([answer.status, answer.body.error?.code]).toEqual([401, "certificate_unknown"]);
    await finding("spiffe://bank/agent/nobody", {
      ways: ["certificate_unknown"],
    }).then(({ issuer }) => expect(issuer).toMatch(/transport/));
  });

  it.concurrent("by either, forwarded by a trusted hop", async () => {
    const [own, foreign] = [world.own, selfSigned(world.folder, "rogue-behind")];
    const stray = await world.sign("transport", {
      names: [{ type: "url", value: "spiffe://bank/agent/stray-behind" }],
    });
    const signed = await agent.sign(bodyOf());
    for (const { certificatePem } of [foreign, stray])
      await knock(signed, { as: own, headers: { "client-cert": rfc9440(certificatePem) } }, world.hopPort);
    await finding("spiffe://other/agent/rogue-behind", { ways: ["certificate_foreign"] });
    await finding("spiffe://bank/agent/stray-behind", { ways: ["certificate_unknown"] });
  });

  it.concurrent("by a signature's key that nobody registered", async () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const keyId = "a-key-that-nobody-registered-0123456789-abcd";
    const signed = await agent.sign(bodyOf(), {
      signAs: { ...agent.credential("signature"), privateKey, keyId },
    });
    expect((await knock(signed)).body.error?.code).toBe("signature_key_unknown");
    await finding(`key ${keyId}`, { ways: ["signature_key"], evidence: keyId });
  });

  it.concurrent("by a token's subject that nobody registered", async () => {
    const token = await forgedToken({ sub: "did:bank:agent:ghost", iss: "https://elsewhere" });
    const signed = await agent.sign(bodyOf(), { token });
    expect((await knock(signed)).body.error?.code).toBe("token_invalid");
    await finding("did:bank:agent:ghost", { ways: ["token_subject"], issuer: "https://elsewhere" });
  });

  it.concurrent("by a client that asks for a token in a name that nobody registered", async () => {
    const { enrolUrl, gatewayUrl } = world.system.env;
    const claims = { sub: "did:bank:agent:poser", iss: "did:bank:agent:poser", aud: enrolUrl };
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: claims.sub,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await forgedToken(claims),
      resource: gatewayUrl,
    });
    const connection = connect(agent.rootPem, agent.credential("transport"));
    const answer = await send(connection, `https://localhost:${world.system.env.gatewayPort}/oauth/token`, {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: Buffer.from(form.toString()),
    });
    connection.destroy();
    expect(answer.status).toBe(401);
    await finding("did:bank:agent:poser", { ways: ["client_id"] });
  });

  it.concurrent("by an enrolment that nobody prepared, in the name of its certificate request", async () => {
    const { csrs } = await makeCsrSet();
    const transport = await makeCsr({ key: makeKey(), subject: "CN=unregistered-bot" });
    const nobodys = () => randomBytes(32).toString("base64url");
    const joinToken = `vjt_${nobodys()}.${nobodys()}`;
    const anybody = new https.Agent({ ca: agent.rootPem, servername: "localhost" });
    const answer = await send(anybody, `${world.system.env.enrolUrl}/v1/enrolments`, {
      headers: { "content-type": "application/json" },
      body: Buffer.from(JSON.stringify({ joinToken, csrs: { ...csrs, transport } })),
    });
    expect(answer.body.error?.code).toBe("join_token_invalid");
    await finding("unregistered-bot", { ways: ["enrolment"], suggestedName: "unregistered-bot" });
  });

  it("and agents that are registered are none, whichever door they used", async () => {
    for (const port of [world.system.env.gatewayPort, world.xfccPort])
      expect((await knock(await agent.sign(bodyOf()), {}, port)).status).toBe(202);
    const known = await agent.token();
    expect(known.token).not.toBe("");
    await expect(
      knock(await agent.sign(bodyOf()), { as: selfSigned(world.folder, "marker") }),
    ).rejects.toThrow();
    await finding("spiffe://other/agent/marker");
    const all = await findings();
    expect(all.filter((it) => it.claimed.includes("shadow-witness"))).toEqual([]);
    expect(all.filter((it) => it.evidence === agent.credential("transport").thumbprint)).toMatchObject([
      // The certificate over which another's token was asked for: it is told as evidence, not as the stranger.
      { claimed: "did:bank:agent:poser" },
    ]);
  });
});

async function forgedToken(claims: Record<string, unknown>): Promise<string> {
  const { privateKey } = generateKeyPairSync("ed25519");
  return new SignJWT({ ...claims, jti: randomUUID() })
    .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt" })
    .setIssuedAt()
    .setExpirationTime("2m")
    .sign(privateKey);
}
