import { X509Certificate } from "node:crypto";
import https from "node:https";
import type { TestDatabase } from "../../db/testing/test-database.ts";
import { type System, startSystem } from "../../server/gateway/testing/start-system.ts";
import { makeAgent, type TestAgent } from "../../server/gateway/testing/test-agent.ts";
import { createKeyStore } from "../../server/keys/key-store.ts";
import { roleKekFromEnv } from "../../server/keys/role-kek.ts";
import { drawSerial } from "../../server/layers/identity/draw-serial.ts";
import { buildCertificate } from "../../server/layers/identity/engine/build-certificate.ts";
import { PROFILES } from "../../server/layers/identity/engine/profiles.ts";
import { openAuthority } from "../../server/layers/identity/open-authority.ts";
import { type RevokeReason, revokeCredential } from "../../server/layers/identity/revoke-credential.ts";
import type { Purpose } from "../../server/layers/identity/schema.ts";
import { makeKey } from "../../server/layers/identity/testing/make-csr.ts";
import { fetchTrust } from "../peer/fetch-trust.ts";
import { keepTrust } from "../peer/keep-trust.ts";
import type { Peering } from "../peer/peering.ts";
import { type ServedAgent, type ServeOptions, serveAgent } from "../peer/serve-agent.ts";
import type { Credential } from "../state.ts";

type Identity = Pick<Credential, "keyPem" | "certificatePem">;
export type Said = { status: number; body: Record<string, unknown>; port: number };

/** A whole Vigil, an agent that serves and one that calls. */
export type TwoAgents = {
  system: System;
  caller: TestAgent;
  served: TestAgent;
  door: ServedAgent;
  refusals: { agent: string | null; code: string; message: string }[];
  close: () => Promise<void>;
};

export async function startTwoAgents(database: TestDatabase): Promise<TwoAgents> {
  const system = await startSystem(database.urls);
  const caller = await makeAgent(system, "caller-one");
  const served = await makeAgent(system, "served-one");
  const refusals: TwoAgents["refusals"] = [];
  const door = await serveAgent(eager(served), {
    port: 0,
    onCall: ({ from, body }) => ({ greeting: `You are ${from.agent}.`, echo: body ?? null }),
    onRefusal: (refusal) => refusals.push(refusal),
  });
  return {
    ...{ system, caller, served, door, refusals },
    close: async () => {
      await door.close();
      await caller.close();
      await served.close();
      await system.close();
    },
  };
}

/** An agent's peering that asks for the lists anew each time. */
export function eager(agent: TestAgent, more: Partial<Peering> = {}): Peering {
  const { peering } = agent.sdk;
  return { ...peering, trust: keepTrust(() => fetchTrust(peering.identity, "transport"), 0), ...more };
}

/** A client of the peer with this certificate, which keeps its one connection. */
export function clientWith(identity: Identity | null): https.Agent {
  return new https.Agent({
    keepAlive: true,
    maxSockets: 1,
    rejectUnauthorized: false,
    ...(identity ? { key: identity.keyPem, cert: identity.certificatePem } : {}),
  });
}

export const errorOf = ({ body }: Said) =>
  body.error as { code: string; message: string; facts: { checks?: { id: string }[] } };
/** The checks that an answer says did not pass. */
export const faultsOf = (said: Said) => errorOf(said).facts.checks?.map(({ id }) => id);

/** Sends one request and reads the answer; `port` is the connection's own, so that a test sees whether it is the same. */
export function ask(
  agent: https.Agent,
  url: string,
  options: { method?: string; path?: string; headers?: https.RequestOptions["headers"]; body?: string } = {},
): Promise<Said> {
  const { method = "POST", path = "/v1/calls", headers, body } = options;
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const request = https.request({ agent, hostname, port, path, method, headers });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      const local = response.socket.localPort ?? 0;
      response.on("error", reject);
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          body: JSON.parse(Buffer.concat(chunks).toString()),
          port: local,
        }),
      );
    });
    request.end(body);
  });
}

/** A transport call with a token, as an agent sends it. */
export async function callWith(
  agent: https.Agent,
  url: string,
  token: string,
  call: unknown = { action: "transactions.read" },
): Promise<Said> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return ask(agent, url, { headers, body: JSON.stringify(call) });
}

/** A transport certificate of the real authority that the worker would never issue. */
export async function misissue(
  system: System,
  wish: { agent: string; notBefore?: Date; notAfter?: Date; purpose?: Purpose },
): Promise<Identity> {
  const keys = createKeyStore(system.db, "worker", roleKekFromEnv(system.env, "worker"));
  const issuer = await openAuthority(system.db, keys, "transport");
  const key = makeKey();
  const profile = PROFILES[wish.purpose ?? "transport"];
  const certificate = await buildCertificate(issuer.signer, {
    kind: "leaf",
    serial: drawSerial(),
    commonName: wish.agent,
    publicKeySpki: key.publicKey.export({ format: "der", type: "spki" }),
    notBefore: wish.notBefore ?? new Date(Date.now() - 60_000),
    notAfter: wish.notAfter ?? new Date(Date.now() + 3_600_000),
    keyUsage: profile.keyUsage,
    extendedKeyUsage: profile.extendedKeyUsage,
    names: profile.names(wish.agent),
  });
  return {
    keyPem: key.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    certificatePem: `${certificate.toString("pem")}\n${issuer.row.certificatePem}`,
  };
}

/** Revokes an agent's transport certificate that is in use. */
export async function revokeTransport(
  system: System,
  agent: TestAgent,
  reason: RevokeReason = "key-compromise",
): Promise<void> {
  const { thumbprint } = agent.credential("transport");
  const { rows } = await system.db.$client.query("select id from credentials where thumbprint = $1", [
    thumbprint,
  ]);
  const actor = { type: "system", id: "test" } as const;
  await system.db.transaction((tx) =>
    revokeCredential(tx, { credentialId: rows[0]?.id, reason, actor, now: new Date() }),
  );
}

export const serialOf = (identity: Identity) => new X509Certificate(identity.certificatePem).serialNumber;
export type { ServeOptions };
