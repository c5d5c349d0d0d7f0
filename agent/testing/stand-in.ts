import { createPublicKey } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { JWK } from "jose";
import type { Database } from "../../db/client.ts";
import { enrolAgent } from "../../server/flows/enrol-agent.ts";
import { renewCredential } from "../../server/flows/renew-credential.ts";
import { VigilError } from "../../server/kernel/errors.ts";
import { parseSignatureHeaders, verifyRequestSignature } from "../../server/kernel/http-signature.ts";
import { randomSecret } from "../../server/kernel/ids.ts";
import { loadDoorCertificate } from "../../server/layers/identity/load-door-certificate.ts";
import { enrolmentRequest, type Purpose, renewalRequest } from "../../server/layers/identity/schema.ts";
import { credentialByKey } from "../../server/layers/identity/store.ts";
import type { IdentityWorld } from "../../server/layers/identity/testing/identity-world.ts";
import { trustBundle } from "../../server/layers/identity/trust-bundle.ts";

/** One request for admission as it came. */
export type Seen = { headers: Record<string, string>; body: string; verified: boolean; thumbprint: string };
/** What a test has the door do with the next request: answer, or cut the connection. */
export type Behaviour =
  | { status: number; body?: unknown; headers?: Record<string, string> }
  | "cut"
  | "admit";

export type StandIn = {
  enrolUrl: string;
  gatewayUrl: string;
  seen: Seen[];
  tokens: { form: URLSearchParams; thumbprint: string }[];
  /** Every request's body, at either door, as it came. */
  received: string[];
  /** Behaviours for the next requests, in order; then it admits. */
  next: Behaviour[];
  tokenSeconds: number;
  close: () => Promise<void>;
};

/**
 * Doors for tests of the SDK: real TLS, real certificates, real enrolment and renewal, real verification of
 * signatures; admission itself answers as the test says, so that every fault can be played.
 */
export async function openStandIn(db: Database, world: IdentityWorld): Promise<StandIn> {
  const door = await loadDoorCertificate(db, world.keys("gateway"));
  const standIn: StandIn = {
    ...{ enrolUrl: "", gatewayUrl: "", seen: [], tokens: [], received: [], next: [], tokenSeconds: 300 },
    close: async () => {
      for (const server of [publicDoor, agentsDoor]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
  const serve =
    (answer: (request: IncomingMessage, body: string) => Promise<Behaviour>) =>
    async (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString();
      standIn.received.push(`${JSON.stringify(request.headers)}\n${body}`);
      const behaviour = await answer(request, body).catch(asAnswer);
      if (behaviour === "cut" || behaviour === "admit") return void request.socket.destroy();
      const { status, body: told, headers } = behaviour;
      response.writeHead(status, headers).end(typeof told === "string" ? told : JSON.stringify(told ?? {}));
    };
  const publicDoor = createServer({ key: door.key, cert: door.cert }, serve(enrolmentDoor));
  const agentsDoor = createServer(
    { key: door.key, cert: door.cert, ca: door.ca, requestCert: true, minVersion: "TLSv1.3" },
    serve(gatewayDoor),
  );

  async function enrolmentDoor(request: IncomingMessage, body: string): Promise<Behaviour> {
    if (request.url === "/v1/trust-bundle") return { status: 200, body: await trustBundle(db) };
    const env = { enrolUrl: standIn.enrolUrl, gatewayUrl: standIn.gatewayUrl };
    const behaviour = standIn.next.shift() ?? "admit";
    const answer = await enrolAgent({ db, now: new Date(), env }, enrolmentRequest.parse(JSON.parse(body)));
    return behaviour === "admit" ? { status: 201, body: answer } : behaviour;
  }

  async function gatewayDoor(request: IncomingMessage, body: string): Promise<Behaviour> {
    const certificate = (request.socket as import("node:tls").TLSSocket).getPeerX509Certificate();
    const name = certificate?.subjectAltName?.split("/").at(-1) ?? "";
    const thumbprint = Buffer.from(certificate?.fingerprint256.replaceAll(":", "") ?? "", "hex").toString(
      "base64url",
    );
    if (request.url === "/oauth/token") {
      standIn.tokens.push({ form: new URLSearchParams(body), thumbprint });
      const scope = new URLSearchParams(body).get("scope") ?? "transactions:read";
      const token = {
        access_token: randomSecret(),
        token_type: "Bearer",
        expires_in: standIn.tokenSeconds,
        scope,
      };
      return { status: 200, body: token };
    }
    if (request.url?.startsWith("/v1/credentials/")) {
      const purpose = request.url.split("/").at(-1) as Purpose;
      const { rows } = await db.$client.query("select id from agents where name = $1", [name]);
      const { csr } = renewalRequest.parse(JSON.parse(body));
      const renewal = { agentId: rows[0]?.id as string, purpose, csrPem: csr };
      return { status: 201, body: await renewCredential({ db, now: new Date() }, renewal) };
    }
    standIn.seen.push({ ...(await verified(request, body)), thumbprint });
    const behaviour = standIn.next.shift() ?? "admit";
    if (behaviour !== "admit") return behaviour;
    return { status: 202, body: { receipt: "r", admitted: JSON.parse(body).length, refused: [] } };
  }

  async function verified(request: IncomingMessage, body: string): Promise<Omit<Seen, "thumbprint">> {
    const headers = request.headers as Record<string, string>;
    const stated = parseSignatureHeaders(headers);
    const credential = await credentialByKey(db, stated.keyId);
    const key = createPublicKey({ key: credential?.publicJwk as JWK, format: "jwk" });
    const targetUri = `${standIn.gatewayUrl}${request.url}`;
    const signed = { method: request.method ?? "", targetUri, headers, body: Buffer.from(body) };
    const { outcome } = verifyRequestSignature(signed, stated, key, new Date());
    return { headers, body, verified: outcome === "allow" && credential?.purpose === "signature" };
  }

  standIn.enrolUrl = await listen(publicDoor);
  standIn.gatewayUrl = await listen(agentsDoor);
  return standIn;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}

function asAnswer(error: unknown): Behaviour {
  if (!(error instanceof VigilError)) return { status: 500, body: { error: { code: "internal" } } };
  const { status, code, message, facts } = error;
  return { status, body: { error: { code, message, facts } } };
}
