import https from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import pino from "pino";
import { createDatabase } from "../../db/client.ts";
import type { World } from "../../server/flows/admit-action/world.ts";
import type { Admission } from "../../server/flows/admit-action.ts";
import { ownOrigins } from "../../server/gateway/agent-request.ts";
import { createDoor } from "../../server/gateway/door.ts";
import { actionRoutes } from "../../server/gateway/routes/actions.ts";
import { freePort } from "../../server/gateway/testing/start-system.ts";
import { type SignedRequest, send, type TestAgent } from "../../server/gateway/testing/test-agent.ts";
import { trackSockets } from "../../server/gateway/track-sockets.ts";
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

/** Vigil's door and route of actions before a world without agents: TLS, HTTP, limits, and the first refusal as JSON. */
export async function emptyDoor({ key, cert, ca }: DoorCertificate, world: World): Promise<BareServer> {
  const sockets = trackSockets();
  const door = createDoor({ key, cert, ca }, 64 * 1024, {
    log: pino({ level: "silent" }),
    onConnection: (socket) => sockets.add(socket),
    onRefusedHandshake: () => undefined,
    onClaimedCertificate: () => undefined,
  });
  const port = await freePort();
  const admission: Admission = {
    world: { ...world, transportCredential: () => undefined },
    ledger: { commit: async () => ({ kind: "written" }), mayRecord: () => false },
    signReceipt: () => "",
  };
  const presence = { seen: () => undefined, close: async () => undefined };
  const origins = ownOrigins(`https://localhost:${port}`, port);
  actionRoutes(door, { admission, sockets, origins, presence, clock: () => new Date() });
  await door.listen({ port, host: "localhost" });
  return { url: `https://localhost:${port}/v1/actions`, close: () => door.server.closeAllConnections() };
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
