import https from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import pino from "pino";
import { createDatabase } from "../../db/client.ts";
import { createDoor } from "../../server/gateway/door.ts";
import { type SignedRequest, send, type TestAgent } from "../../server/gateway/testing/test-agent.ts";
import { createKeyStore } from "../../server/keys/key-store.ts";
import { roleKekFromEnv } from "../../server/keys/role-kek.ts";
import {
  type DoorCertificate,
  loadDoorCertificate,
} from "../../server/layers/identity/load-door-certificate.ts";
import type { BenchSystem } from "./bench-system.ts";

/** A server of the bench's own, without anything of Vigil behind it. */
export type BareServer = { url: string; close: () => void };

/** The certificate that the gateway's doors show. */
export async function doorCertificate(system: BenchSystem): Promise<DoorCertificate> {
  const db = createDatabase(system.env.databaseUrl, { applicationName: "vigil-bench", poolSize: 1 });
  const keys = createKeyStore(db, "gateway", roleKekFromEnv(system.env, "gateway"));
  const certificate = await loadDoorCertificate(db, keys);
  await db.$client.end();
  return certificate;
}

/** Node's own HTTPS server with mutual TLS that reads the body and answers 202 with `answer`. */
export async function bareHttps({ key, cert, ca }: DoorCertificate, answer: string): Promise<BareServer> {
  const server = https.createServer(
    { key, cert, ca, requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.3" },
    (request, response) => {
      request.resume().on("end", () => {
        response.writeHead(202, { "content-type": "application/json" }).end(answer);
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `https://localhost:${port}/`, close };
}

/** Vigil's door with a route that does nothing: TLS, HTTP, limits and the reply as JSON. */
export async function bareDoor({ key, cert, ca }: DoorCertificate, answer: string): Promise<BareServer> {
  const hooks = { log: pino({ level: "silent" }), onRefusedHandshake: () => undefined };
  const door = createDoor({ key, cert, ca, requestCert: true, rejectUnauthorized: true }, 64 * 1024, hooks);
  door.removeAllContentTypeParsers();
  door.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  const value: unknown = JSON.parse(answer);
  door.post("/", async (_request, reply) => reply.code(202).send(value));
  await door.listen({ port: 0, host: "localhost" });
  const { port } = door.server.address() as AddressInfo;
  return { url: `https://localhost:${port}/`, close: () => door.server.closeAllConnections() };
}

/** One request after the other over one connection that stays open. */
export function overKeptAlive(agent: TestAgent, url: string) {
  const pool = new https.Agent({ ...tlsOf(agent), keepAlive: true, maxSockets: 1 });
  return {
    send: (request: SignedRequest) => send(pool, url, request),
    close: () => pool.destroy(),
  };
}

/** One request over a connection of its own: new, or resumed from the one before. */
export function overNewConnection(agent: TestAgent, url: string, request: SignedRequest) {
  let session: Buffer | undefined;
  return async (resume: boolean): Promise<void> => {
    const pool = new https.Agent({ ...tlsOf(agent), maxCachedSessions: 0, ...(resume && { session }) });
    pool.on("keylog", (_line, socket: TLSSocket) =>
      socket.once("session", (ticket: Buffer) => {
        session = ticket;
      }),
    );
    await send(pool, url, request);
    pool.destroy();
  };
}

function tlsOf(agent: TestAgent) {
  const { keyPem: key, certificatePem: cert } = agent.credential("transport");
  return { ca: agent.rootPem, key, cert };
}
