import { createHash, timingSafeEqual } from "node:crypto";
import https from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { createRemoteJWKSet, customFetch, type JWTPayload, jwtVerify } from "jose";

export type ResourceServer = { url: string; close: () => Promise<void> };

/**
 * A resource server as a bank would write one, of `jose` and `node:https` alone: tokens by the published keys
 * (RFC 9068 §4), and by the certificate of the very connection (RFC 8705 §3).
 *
 * @param ca whose clients' certificates count; a client without one is heard, so that it is told why it is refused.
 */
export async function startResourceServer(options: {
  tls: { key: string; cert: string };
  ca: string;
  issuer: string;
  audience: string;
  jwksUri: string;
  jwksCa: string;
}): Promise<ResourceServer> {
  const keys = createRemoteJWKSet(new URL(options.jwksUri), {
    cooldownDuration: 0,
    [customFetch]: (url) => getJson(url, options.jwksCa),
  });

  async function check(request: {
    authorization: string | undefined;
    socket: TLSSocket;
  }): Promise<JWTPayload> {
    const [scheme, token, more] = (request.authorization ?? "").split(" ");
    if (scheme?.toLowerCase() !== "bearer" || !token || more !== undefined)
      throw new Error("send one access token as Authorization: Bearer");
    const { payload } = await jwtVerify(token, keys, {
      ...{ issuer: options.issuer, audience: options.audience, typ: "at+jwt", algorithms: ["EdDSA"] },
      ...{ clockTolerance: 10, requiredClaims: ["sub", "client_id", "iat", "exp", "jti", "scope"] },
    });
    if (Number(payload.iat) > Date.now() / 1000 + 10) throw new Error("the token is not valid yet");
    const { cnf } = payload as { cnf?: { "x5t#S256"?: string; jkt?: string } };
    // RFC 9449 §7.1: a token that wants a proof is none without it, and this server takes no proofs.
    if (cnf?.jkt !== undefined) throw new Error("the token is bound to a key: Bearer is not its scheme");
    if (!request.socket.authorized) throw new Error("the connection has no certificate that counts");
    const shown = createHash("sha256").update(request.socket.getPeerCertificate().raw).digest();
    const bound = Buffer.from(cnf?.["x5t#S256"] ?? "", "base64url");
    if (bound.length !== shown.length || !timingSafeEqual(bound, shown))
      throw new Error("the token is bound to another certificate");
    return payload;
  }

  const server = https.createServer(
    { ...options.tls, ca: options.ca, requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.3" },
    async (request, response) => {
      const challenge = (status: number, error: string, description: string) =>
        response
          .writeHead(status, {
            "www-authenticate": `Bearer error="${error}", error_description="${description}"`,
          })
          .end();
      try {
        const { authorization } = request.headers;
        const payload = await check({ authorization, socket: request.socket as TLSSocket });
        const scopes = String(payload.scope).split(" ");
        const wanted = request.url === "/payments" ? "payments:execute" : "transactions:read";
        if (!scopes.includes(wanted)) challenge(403, "insufficient_scope", `this needs ${wanted}`);
        else response.writeHead(200, { "content-type": "application/json" }).end(`{"sub":"${payload.sub}"}`);
      } catch (error) {
        challenge(401, "invalid_token", (error as Error).message.replaceAll('"', "'"));
      }
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function getJson(url: string, ca: string): Promise<Response> {
  return new Promise((resolve, reject) => {
    https
      .get(url, { ca, agent: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () =>
          resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode ?? 500 })),
        );
      })
      .on("error", reject);
  });
}
