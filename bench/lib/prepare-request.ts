import { createPublicKey, randomBytes } from "node:crypto";
import pino from "pino";
import { authorizeRequest } from "../../server/flows/admit-action/authorize-request.ts";
import type { Entry } from "../../server/flows/admit-action/entry.ts";
import { checkSignature } from "../../server/flows/admit-action/identify-caller.ts";
import { judgeActions } from "../../server/flows/admit-action/judge-actions.ts";
import { makeEntry, type Told } from "../../server/flows/admit-action/make-entry.ts";
import { readActions } from "../../server/flows/admit-action/read-actions.ts";
import type {
  AgentRequest,
  LiveAgent,
  LiveCredential,
  World,
} from "../../server/flows/admit-action/world.ts";
import { openTokenKeys } from "../../server/gateway/oauth/token-keys.ts";
import { receiptSigner } from "../../server/gateway/sign-receipt.ts";
import type { TestAgent } from "../../server/gateway/testing/test-agent.ts";
import { createTokenVerifier } from "../../server/gateway/verify-token.ts";
import { createKeyStore } from "../../server/keys/key-store.ts";
import { roleKekFromEnv } from "../../server/keys/role-kek.ts";
import { DEFAULT_POLICY } from "../../server/layers/authorization/default-policy.ts";
import { FIRST_RULES } from "../../server/layers/monitoring/current-rules.ts";
import { compileRules } from "../../server/layers/monitoring/engine/rules/compile-rules.ts";
import type { BenchSystem } from "./bench-system.ts";

/**
 * One admitted request of one action, with what each layer made of it, so that each layer can be run alone.
 *
 * @throws Error where a layer refuses it.
 */
export async function prepareRequest(system: BenchSystem, agent: TestAgent, body: string) {
  const keys = createKeyStore(system.db, "gateway", roleKekFromEnv(system.env, "gateway"));
  const keySet = await openTokenKeys({
    db: system.db,
    keys,
    log: pino({ level: "silent" }),
    clock: () => new Date(),
  });
  const { enrolUrl: issuer, gatewayUrl: audience } = system.env;
  const freshVerifier = () => createTokenVerifier({ issuer, audience, keys: keySet });
  const world = worldOf(agent, freshVerifier());
  const live = world.agent(agent.id) as LiveAgent;
  const credential = world.transportCredential("") as LiveCredential;
  const request: AgentRequest = {
    method: "POST",
    targetUri: `${system.env.gatewayUrl}/v1/actions`,
    ...(await agent.sign(body)),
    thumbprint: credential.thumbprint,
    sourceIp: "192.0.2.1",
    contentType: "application/json",
    trace: undefined,
  };
  const now = new Date();
  const proved = checkSignature(world, live, request, now);
  const authorized = await authorizeRequest(world, { agent: live, credential }, request, now);
  const read = readActions(request);
  if (!proved.ok || !authorized.ok || !read.ok) throw new Error("the request of the benchmark is refused");
  const facts = { world, agent: live, token: authorized.token, now };
  const signReceipt = receiptSigner(await keys.open("receipt"));
  const told: Told = {
    ...{ agent: live, request, now, checks: proved.checks, signature: proved.signature },
    ...{ token: authorized.token, actions: read.actions },
    judgement: judgeActions(facts, read.actions, request.sourceIp),
  };
  return {
    world,
    caller: { agent: live, credential },
    request,
    facts,
    actions: read.actions,
    bearer: (request.headers.authorization ?? "").slice("Bearer ".length),
    freshVerifier,
    /** A record of its own each time, with a nonce of its own. */
    entry: (): Entry => {
      const made = makeEntry({ ...told, now: new Date() }, signReceipt);
      if (made.nonce) made.nonce = { ...made.nonce, nonce: randomBytes(18).toString("base64url") };
      return made;
    },
  };
}

const RULES = compileRules(FIRST_RULES, "UTC");

/** What the gateway would hold in memory, had it this one agent. */
function worldOf(agent: TestAgent, verifyToken: World["verifyToken"]): World {
  const live: LiveAgent = {
    ...{ id: agent.id, name: agent.name, did: agent.did, kind: "agent", status: "active" },
    ...{ parentId: null, banned: false, zone: "a", renew: [] },
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
  return {
    agent: () => live,
    agentByDid: () => live,
    transportCredential: () => known.transport,
    signatureCredential: () => known.signature,
    isTokenRevoked: () => false,
    policy: () => DEFAULT_POLICY,
    zones: () => ({ peers: new Map(), edges: new Map() }),
    rules: () => RULES,
    takeTurn: () => 0,
    claimProof: async () => true,
    verifyToken,
  };
}
