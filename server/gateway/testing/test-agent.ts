import { randomBytes } from "node:crypto";
import { appendFileSync } from "node:fs";
import https from "node:https";
import path from "node:path";
import { enrol } from "../../../agent/enrol.ts";
import { type Credential, readCredential, readIdentity } from "../../../agent/state.ts";
import { type AccessToken, openAgent, type VigilAgent } from "../../../agent/vigil-agent.ts";
import { registerAgentWithScopes } from "../../flows/register-agent.ts";
import type { Actor } from "../../kernel/actor.ts";
import { signRequest } from "../../kernel/http-signature.ts";
import { createJoinToken } from "../../layers/identity/create-join-token.ts";
import type { Purpose } from "../../layers/identity/schema.ts";
import type { System } from "./start-system.ts";

const admin: Actor = {
  type: "operator",
  id: "admin",
  email: "admin@bank",
  roles: ["admin"],
  sessionId: null,
};

export type Answer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: {
    receipt?: string;
    admitted?: number;
    refused?: { index: number; code: string; reason: string }[];
    error?: { code: string; message: string; facts: Record<string, unknown> };
  };
};

/** A real agent, enrolled over the wire, whose every byte a test may choose. */
export type TestAgent = {
  id: string;
  name: string;
  did: string;
  sdk: VigilAgent;
  /** A token with all that was granted. */
  token: () => Promise<AccessToken>;
  rootPem: string;
  credential: (purpose: Purpose) => Credential;
  /** A signed request that has not been sent: tests alter it. */
  sign: (body: string | Buffer, options?: SignOptions) => Promise<SignedRequest>;
  close: () => Promise<void>;
};
export type SignOptions = {
  token?: string;
  nonce?: string;
  created?: Date;
  contentType?: string;
  signAs?: Credential;
  /** Another gateway than the agent's own. */
  targetUri?: string;
};
export type SignedRequest = { headers: Record<string, string>; body: Buffer };

/** Registers an agent and enrols it through the real doors. */
export async function makeAgent(
  system: System,
  name: string,
  scopes: string[] = ["transactions:read"],
  more: {
    zone?: string;
    kind?: "agent" | "resource-server";
    parent?: string;
    ownerId?: string;
    model?: string;
    /** Another authority that the agent trusts for servers: that of a proxy before the gateway. */
    alsoTrusts?: string;
  } = {},
): Promise<TestAgent> {
  const ctx = { db: system.db, actor: admin, now: new Date() };
  const { alsoTrusts, ...registration } = more;
  const { agentId, did } = await registerAgentWithScopes(ctx, { name, scopes, ...registration });
  const { joinToken } = await createJoinToken(ctx, { agentName: name });
  const directory = path.join(system.folder, name);
  await enrol({ enrolUrl: system.env.enrolUrl, joinToken, directory });
  if (alsoTrusts) appendFileSync(path.join(directory, "root.pem"), alsoTrusts);
  const sdk = openAgent(directory);
  const credential = (purpose: Purpose) => readCredential(directory, purpose);
  const token = () => sdk.token(scopes);
  const ownUri = `${system.env.gatewayUrl}/v1/actions`;
  return {
    id: agentId,
    name,
    did,
    sdk,
    rootPem: readIdentity(directory).rootPem,
    credential,
    token,
    async sign(text, options = {}) {
      const body = Buffer.from(text);
      const headers = {
        authorization: `Bearer ${options.token ?? (await token()).token}`,
        "content-type": options.contentType ?? "application/json",
      };
      const { privateKey, keyId } = options.signAs ?? credential("signature");
      const nonce = options.nonce ?? randomBytes(18).toString("base64url");
      const created = options.created ?? new Date();
      const signed = signRequest(
        { method: "POST", targetUri: options.targetUri ?? ownUri, headers, body },
        { privateKey, keyId, nonce, created },
      );
      return { headers: { ...headers, ...signed }, body };
    },
    close: () => sdk.close(),
  };
}

/** Connections to the gateway with a certificate of the test's choice, or with none. */
export function connect(
  rootPem: string,
  credential: Pick<Credential, "keyPem" | "certificatePem"> | null,
): https.Agent {
  return new https.Agent({
    keepAlive: true,
    maxSockets: 4,
    servername: "localhost",
    ca: rootPem,
    ...(credential ? { key: credential.keyPem, cert: credential.certificatePem } : {}),
  });
}

/** Sends one request as it is, and reads the whole answer. */
export function send(
  agent: https.Agent,
  url: string,
  { headers, body, method = "POST" }: Partial<SignedRequest> & { method?: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request(url, {
      agent,
      method,
      headers: { ...headers, "content-length": body?.length ?? 0 },
    });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("error", reject);
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const json = response.headers["content-type"]?.includes("json");
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: json ? JSON.parse(text) : (text as never),
        });
      });
    });
    request.end(body);
  });
}
