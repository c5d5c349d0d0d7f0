import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import type { TestAgent } from "../../server/gateway/testing/test-agent.ts";
import type { Check } from "../../server/kernel/decision.ts";
import { base64url, sha256 } from "../../server/kernel/hash.ts";
import { openConnection } from "../connection.ts";
import { followRevocations, type Revocations, type TokenClaims } from "../follow-revocations.ts";

/** A resource server as a bank would write one: mutual TLS, tokens verified by itself, revocations followed. */
export type ResourceServer = {
  url: string;
  revocations: Revocations;
  lost: Error[];
  close: () => Promise<void>;
};

export async function startResourceServer(
  agent: TestAgent,
  enrolUrl: string,
  options: { ageMsMax?: number } = {},
): Promise<ResourceServer> {
  const { peering } = agent.sdk;
  const { identity } = peering;
  const publicDoor = openConnection(identity.rootPem, null, { now: () => new Date() });
  const url = new URL("/.well-known/jwks.json", enrolUrl).href;
  const { body } = await publicDoor.send({ method: "GET", url, headers: {} });
  const keys = createLocalJWKSet(body as JSONWebKeySet);
  const lost: Error[] = [];
  const revocations = followRevocations(peering, { ...options, onLost: (error) => lost.push(error) });
  await revocations.ready;
  const { keyPem, certificatePem } = agent.credential("transport");
  const tls = { key: keyPem, cert: certificatePem, ca: identity.rootPem, requestCert: true };
  const server = createServer(tls, async (request, response) => {
    const { status, checks } = await judge(request.headers.authorization ?? "", request.socket as TLSSocket);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ checks }));
  });

  async function judge(header: string, socket: TLSSocket): Promise<{ status: number; checks: Check[] }> {
    try {
      const { payload } = await jwtVerify(header.replace(/^Bearer /, ""), keys, {
        ...{ typ: "at+jwt", audience: identity.gatewayUrl, algorithms: ["EdDSA"] },
      });
      const claims = payload as unknown as TokenClaims;
      const shown = base64url(sha256(socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0)));
      if (claims.cnf?.["x5t#S256"] !== shown) return { status: 401, checks: [] };
      const { outcome, checks } = revocations.judge(claims);
      const isStale = checks.some(({ id, passed }) => id === "view-fresh" && !passed);
      return { status: outcome === "allow" ? 200 : isStale ? 503 : 401, checks };
    } catch {
      return { status: 401, checks: [] };
    }
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/`,
    ...{ revocations, lost },
    close: async () => {
      await revocations.close();
      await publicDoor.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
