import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { createRemoteJWKSet, customFetch, type JWTPayload, jwtVerify } from "jose";
import type { TestAgent } from "../../server/gateway/testing/test-agent.ts";
import type { Check } from "../../server/kernel/decision.ts";
import { base64url, sha256 } from "../../server/kernel/hash.ts";
import { openConnection } from "../connection.ts";
import { followRevocations, type Revocations, type TokenClaims } from "../follow-revocations.ts";

type Claims = TokenClaims & { scope: string; cnf?: { jkt?: string } };

/** What a caller's token must cover here. */
const SCOPE = "transactions:read";
/** Vigil's clock may be this far ahead (FAPI 2.0 §5.3.2.1). */
const AHEAD_SECONDS_MAX = 10;
/** Unknown key ids make it ask for the keys no more often than this. */
const KEYS_MS_MIN = 1_000;
const CLAIMS = ["sub", "client_id", "iat", "exp", "jti", "scope"];

/** A running resource server; `lost` holds why each of its streams ended. */
export type ResourceServer = {
  url: string;
  revocations: Revocations;
  lost: Error[];
  close: () => Promise<void>;
};

/**
 * A resource server as a bank would write one: mutual TLS, tokens verified by itself (RFC 9068 §4, RFC 8705 §3),
 * revocations followed. It takes no DPoP proofs, and so no token that needs one.
 *
 * @param enrolUrl Vigil's public door, which is the tokens' issuer.
 */
export async function startResourceServer(
  agent: TestAgent,
  enrolUrl: string,
  options: { ageMsMax?: number } = {},
): Promise<ResourceServer> {
  const { peering } = agent.sdk;
  const { identity } = peering;
  const publicDoor = openConnection(identity.rootPem, null, { now: () => new Date() });
  const url = new URL("/.well-known/jwks.json", enrolUrl).href;
  const keys = createRemoteJWKSet(new URL(url), {
    cooldownDuration: KEYS_MS_MIN,
    [customFetch]: async () => {
      const { status, body } = await publicDoor.send({ method: "GET", url, headers: {} });
      return new Response(JSON.stringify(body), { status });
    },
  });
  await keys.reload();
  const lost: Error[] = [];
  const revocations = followRevocations(peering, { ...options, onLost: (error) => lost.push(error) });
  await revocations.ready;
  const { keyPem, certificatePem } = agent.credential("transport");
  const tls = { key: keyPem, cert: certificatePem, ca: identity.rootPem, requestCert: true };
  const server = createServer(tls, async (request, response) => {
    const { status, checks } = await judge(request.headers.authorization ?? "", request.socket as TLSSocket);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ checks }));
  });

  async function verify(header: string, socket: TLSSocket): Promise<JWTPayload & Claims> {
    const [scheme, token, more] = header.split(" ");
    if (scheme?.toLowerCase() !== "bearer" || !token || more !== undefined)
      throw new Error("no Bearer token");
    const now = peering.now();
    const { payload } = await jwtVerify<Claims>(token, keys, {
      ...{ issuer: enrolUrl, audience: identity.gatewayUrl, typ: "at+jwt", algorithms: ["EdDSA"] },
      ...{ currentDate: now, clockTolerance: AHEAD_SECONDS_MAX, requiredClaims: CLAIMS },
    });
    if (Number(payload.iat) > now.getTime() / 1000 + AHEAD_SECONDS_MAX)
      throw new Error("issued in the future");
    // RFC 9449 §7.1: as Bearer it would be worth the same to a thief without its key.
    if (payload.cnf?.jkt !== undefined) throw new Error("the token needs a proof");
    const shown = base64url(sha256(socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0)));
    if (payload.cnf?.["x5t#S256"] !== shown) throw new Error("bound to another certificate");
    return payload;
  }

  async function judge(header: string, socket: TLSSocket): Promise<{ status: number; checks: Check[] }> {
    try {
      const claims = await verify(header, socket);
      if (!claims.scope.split(" ").includes(SCOPE)) return { status: 403, checks: [] };
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
