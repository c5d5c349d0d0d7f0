import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { z } from "zod";
import {
  type AskedDetail,
  type IssuedDetail,
  issuedDetail,
} from "../server/layers/authorization/details-schema.ts";
import { refusalOf } from "./answer.ts";
import type { Connection } from "./connection.ts";
import type { Clock } from "./follow-clock.ts";
import type { Credential, Identity } from "./state.ts";
import type { Patience } from "./until-answered.ts";
import { untilServed } from "./until-served.ts";

const ASSERTION_SECONDS = 60;
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const tokenAnswer = z.object({
  access_token: z.string(),
  expires_in: z.number().int().positive(),
  scope: z.string().default(""),
  authorization_details: z.array(issuedDetail).default([]),
  refused: z.array(z.looseObject({ scope: z.string(), rule: z.string(), reason: z.string() })).default([]),
});

/** What a token is asked for. */
export type TokenAsk = {
  /** None means all that was granted. */
  scopes: readonly string[];
  /** Limits narrower than the grants', by scope (RFC 9396); none means the grants' own. */
  details: readonly AskedDetail[];
};

/** An access token, good over the transport certificate it was asked for with and no other. */
export type AccessToken = {
  token: string;
  scopes: string[];
  /** What actions under its scopes may not go beyond; empty where nothing narrows them. */
  authorizationDetails: IssuedDetail[];
  /** Scopes that were asked for and not given, each with its rule. */
  refused: { scope: string; rule: string; reason: string }[];
  expiresAt: Date;
};

/**
 * Asks for an access token with the OAuth key (`private_key_jwt`, RFC 7523) over the transport certificate.
 *
 * @param connection asked for at each try: the transport certificate may be renewed meanwhile.
 * @param clock an assertion that was refused while the clock was wrong is made once more.
 * @throws AgentError the authorization server's `error` where it gives none.
 */
export async function requestToken(
  identity: Identity,
  oauth: Credential,
  connection: () => Connection,
  ask: TokenAsk,
  patience: Patience,
  clock: Clock,
  isSecondTry = false,
): Promise<AccessToken> {
  const aheadMs = clock.aheadMs();
  const asked = clock.now();
  const answer = await untilServed(
    async () =>
      connection().send({
        method: "POST",
        url: new URL("/oauth/token", identity.gatewayUrl).href,
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: identity.did,
          client_assertion_type: ASSERTION_TYPE,
          client_assertion: await clientAssertion(identity, oauth, clock.now()),
          resource: identity.gatewayUrl,
          ...(ask.scopes.length > 0 ? { scope: ask.scopes.join(" ") } : {}),
          ...(ask.details.length > 0 ? { authorization_details: JSON.stringify(ask.details) } : {}),
        }).toString(),
      }),
    patience,
  );
  if (answer.status === 401 && clock.aheadMs() !== aheadMs && !isSecondTry)
    return requestToken(identity, oauth, connection, ask, patience, clock, true);
  if (answer.status !== 200) throw refusalOf(answer);
  const { access_token, expires_in, scope, refused, authorization_details } = tokenAnswer.parse(answer.body);
  return {
    token: access_token,
    scopes: scope.split(" ").filter(Boolean),
    authorizationDetails: authorization_details,
    refused: refused.map(({ scope: name, rule, reason }) => ({ scope: name, rule, reason })),
    expiresAt: new Date(asked.getTime() + expires_in * 1000),
  };
}

/** Made anew for each sending: an assertion is good once. */
function clientAssertion(identity: Identity, oauth: Credential, now: Date): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  const alg = oauth.privateKey.asymmetricKeyType === "ed25519" ? "EdDSA" : "ES256";
  return new SignJWT({})
    .setProtectedHeader({ alg, kid: oauth.keyId })
    .setIssuer(identity.did)
    .setSubject(identity.did)
    .setAudience(identity.issuer)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ASSERTION_SECONDS)
    .sign(oauth.privateKey);
}
