import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import https from "node:https";
import type { TLSSocket } from "node:tls";
import { authorizeRequest } from "../server/flows/admit-action/authorize-request.ts";
import { checkSignature } from "../server/flows/admit-action/identify-caller.ts";
import { judgeActions } from "../server/flows/admit-action/judge-actions.ts";
import { makeEntry, type Told } from "../server/flows/admit-action/make-entry.ts";
import { readActions } from "../server/flows/admit-action/read-actions.ts";
import type { AgentRequest, LiveAgent, LiveCredential, World } from "../server/flows/admit-action/world.ts";
import { writeEntries } from "../server/flows/admit-action/write-entries.ts";
import { jwks } from "../server/gateway/oauth/jwks.ts";
import { receiptSigner } from "../server/gateway/sign-receipt.ts";
import { send } from "../server/gateway/testing/test-agent.ts";
import { createTokenVerifier } from "../server/gateway/verify-token.ts";
import { createKeyStore } from "../server/keys/key-store.ts";
import { roleKekFromEnv } from "../server/keys/role-kek.ts";
import { DEFAULT_POLICY } from "../server/layers/authorization/default-policy.ts";
import { type BenchSystem, startBenchSystem } from "./lib/bench-system.ts";
import { type Bench, type Figure, medianMs } from "./lib/figure.ts";
import { verifyFloor } from "./lib/floors.ts";

const BATCH = 64;

/** What each layer costs one single-action request, and whether the parts add up to the whole. */
const bench: Bench = async ({ small }) => {
  const system = await startBenchSystem(1);
  try {
    const ms = small ? 50 : 1_000;
    const figures = [...(await connections(system, ms)), ...(await parts(system, ms))];
    return [...figures, sumOf(figures)];
  } finally {
    await system.close();
  }
};
export default bench;

/** What one request meets on a kept-alive connection, against the whole that was measured. */
function sumOf(figures: readonly Figure[]): Figure {
  const left = ["new connection", "resumed", "first seen", "th of", "the whole"];
  const met = figures.filter(({ what }) => !left.some((word) => what.includes(word)));
  const whole = figures.find(({ what }) => what.startsWith("the whole"));
  const sum = met.reduce((total, { value }) => total + value, 0);
  return figure("the sum of its parts", sum, whole && { what: "the whole", value: whole.value });
}

const figure = (what: string, value: number, floor?: Figure["floor"]): Figure => ({
  bench: "layers",
  what,
  value,
  unit: "ms",
  ...(floor ? { floor } : {}),
});

/** A whole refused-at-the-route request over a new, a resumed and a kept-alive connection. */
async function connections(system: BenchSystem, ms: number): Promise<Figure[]> {
  const [agent] = system.agents;
  if (!agent) return [];
  const url = `${system.env.gatewayUrl}/nothing`;
  const { keyPem: key, certificatePem: cert } = agent.credential("transport");
  const tls = { ca: agent.rootPem, key, cert };
  let session: Buffer | undefined;
  const once = async (options: https.AgentOptions) => {
    const agentOnce = new https.Agent({ ...tls, ...options, maxCachedSessions: 0 });
    agentOnce.on("keylog", (_line, socket: TLSSocket) =>
      socket.once("session", (ticket: Buffer) => {
        session = ticket;
      }),
    );
    await send(agentOnce, url, { method: "GET" });
    agentOnce.destroy();
  };
  const kept = new https.Agent({ ...tls, keepAlive: true });
  const cold = await medianMs(() => once({}), ms);
  const resumed = await medianMs(() => once({ session }), ms);
  const alive = await medianMs(() => send(kept, url, { method: "GET" }), ms);
  kept.destroy();
  return [
    figure("mTLS, new connection", cold, { what: "kept alive", value: alive }),
    figure("mTLS, resumed", resumed, { what: "kept alive", value: alive }),
    figure("mTLS, kept alive", alive),
  ];
}

async function parts(system: BenchSystem, ms: number): Promise<Figure[]> {
  const [agent] = system.agents;
  if (!agent) return [];
  const keys = createKeyStore(system.db, "gateway", roleKekFromEnv(system.env, "gateway"));
  const keySet = await jwks(keys, new Date());
  const freshVerifier = () =>
    createTokenVerifier({ issuer: system.env.enrolUrl, audience: system.env.gatewayUrl, keys: keySet });
  const verifyToken = freshVerifier();
  const transport = agent.credential("transport");
  const signature = agent.credential("signature");
  const live: LiveAgent = {
    ...{ id: agent.id, name: agent.name, did: agent.did, kind: "agent", status: "active" },
    ...{ banned: false, zone: "a" },
    isolation: { state: "open", limitPerMinute: null, epoch: 0, reason: "" },
  };
  const credential = (purpose: "transport" | "signature"): LiveCredential => ({
    agentId: agent.id,
    purpose,
    thumbprint: agent.credential(purpose).thumbprint,
    keyId: agent.credential(purpose).keyId,
    publicKey: createPublicKey(agent.credential(purpose).privateKey),
    status: "active",
    notBefore: new Date(0),
    notAfter: new Date(8e15),
  });
  const known = { transport: credential("transport"), signature: credential("signature") };
  const world: World = {
    agent: () => live,
    agentByDid: () => live,
    transportCredential: () => known.transport,
    signatureCredential: () => known.signature,
    isTokenRevoked: () => false,
    policy: () => DEFAULT_POLICY,
    zones: () => ({ peers: new Map(), edges: new Map() }),
    takeTurn: () => 0,
    verifyToken,
  };
  const body = JSON.stringify([{ action: "transactions.read", at: new Date().toISOString(), bytes: 1_024 }]);
  const signed = await agent.sign(body);
  const request: AgentRequest = {
    method: "POST",
    targetUri: `${system.env.gatewayUrl}/v1/actions`,
    ...signed,
    ...{
      thumbprint: transport.thumbprint,
      sourceIp: "192.0.2.1",
      contentType: "application/json",
      trace: undefined,
    },
  };
  const now = new Date();
  const caller = { agent: live, credential: known.transport };
  const proved = checkSignature(world, live, request, now);
  const authorized = await authorizeRequest(world, caller, request, now);
  const read = readActions(request);
  if (!proved.ok || !authorized.ok || !read.ok) throw new Error("the request of the benchmark is refused");
  const facts = { world, agent: live, token: authorized.token, now };
  const judgement = judgeActions(facts, read.actions, request.sourceIp);
  const signReceipt = receiptSigner(await keys.open("receipt"));
  const told: Told = {
    ...{ agent: live, request, now, checks: proved.checks, signature: proved.signature },
    ...{ token: authorized.token, actions: read.actions, judgement },
  };
  const entry = () => {
    const made = makeEntry({ ...told, now: new Date() }, signReceipt);
    if (made.nonce) made.nonce = { ...made.nonce, nonce: randomBytes(18).toString("base64url") };
    return made;
  };
  const floor = { what: "Ed25519 verify", value: 1000 / verifyFloor(ms) };
  const entries = (count: number) => Array.from({ length: count }, entry);
  const making = await medianMs(entry, ms);
  const alone = await medianMs(() => writeEntries(system.db, entries(1)), ms);
  const batched = (await medianMs(() => writeEntries(system.db, entries(BATCH)), ms)) / BATCH;
  const cheap = [
    figure(
      "1 identity: signature",
      await medianMs(() => checkSignature(world, live, request, now), ms),
      floor,
    ),
    figure(
      "2 authorization: token, first seen",
      await medianMs(() => freshVerifier()(tokenOf(request), now), ms),
      floor,
    ),
    figure(
      "2 authorization: token, seen before",
      await medianMs(() => authorizeRequest(world, caller, request, now), ms),
    ),
    figure("the body: strict JSON, schema, canonical form", await medianMs(() => readActions(request), ms)),
    figure(
      "3 + 4 isolation, rules, window fold",
      await medianMs(() => judgeActions(facts, read.actions, "192.0.2.1"), ms),
    ),
    figure("5 audit: record, root, receipt", making),
  ];
  const wholeKept = new https.Agent({
    ca: agent.rootPem,
    key: transport.keyPem,
    cert: transport.certificatePem,
    keepAlive: true,
  });
  const whole = await medianMs(async () => send(wholeKept, request.targetUri, await agent.sign(body)), ms);
  wholeKept.destroy();
  const pair = generateKeyPairSync("ed25519");
  const signing = await medianMs(
    () => agent.sign(body, { signAs: { ...signature, privateKey: pair.privateKey } }),
    ms,
  );
  return [
    ...cheap,
    figure("5 audit: group commit, alone", alone - making),
    figure(`5 audit: group commit, a ${BATCH}th of ${BATCH}`, batched - making),
    figure("the agent's own signing", signing),
    figure("the whole, one after the other, kept alive", whole),
  ];
}

const tokenOf = (request: AgentRequest) => (request.headers.authorization ?? "").slice("Bearer ".length);
