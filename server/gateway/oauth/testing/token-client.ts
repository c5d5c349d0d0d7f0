import { createSecretKey, type KeyObject, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import pino from "pino";
import { present } from "../../../kernel/ensure.ts";
import { createKeyStore } from "../../../keys/key-store.ts";
import { roleKekFromEnv } from "../../../keys/role-kek.ts";
import type { System } from "../../testing/start-system.ts";
import { connect, send, type TestAgent } from "../../testing/test-agent.ts";
import { openTokenKeys } from "../token-keys.ts";

export type TokenAnswer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Record<string, unknown> & { access_token?: string; error?: string };
};
type Header = { alg: string; kid?: string; typ?: string };

export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const seconds = () => Math.floor(Date.now() / 1000);

/** A client assertion of an agent, of which the test alters what it likes; `undefined` takes a claim away. */
export async function assertionBy(
  system: System,
  agent: TestAgent,
  claims: Record<string, unknown> = {},
  header: Partial<Header> = {},
  key: KeyObject = agent.credential("oauth").privateKey,
): Promise<string> {
  const whole = {
    ...{ iss: agent.did, sub: agent.did, aud: system.env.enrolUrl, jti: randomUUID() },
    ...{ iat: seconds(), exp: seconds() + 60, ...claims },
  };
  return signed(whole, { alg: "ES256", kid: agent.credential("oauth").keyId, ...header }, key);
}

/** Any JWT: with `alg: none` unsigned, with HS256 by whatever bytes the key has. */
export function signed(claims: object, header: Header, key: KeyObject): Promise<string> {
  if (header.alg !== "none") return new SignJWT({ ...claims }).setProtectedHeader(header).sign(key);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return Promise.resolve(`${part(header)}.${part(claims)}.`);
}

/** Posts a form to an OAuth endpoint over a certificate of the test's choice. */
export async function postForm(
  system: System,
  agent: TestAgent,
  form: URLSearchParams | string,
  more: {
    over?: { keyPem: string; certificatePem: string } | null;
    path?: string;
    headers?: Record<string, string>;
  } = {},
): Promise<TokenAnswer> {
  const over = more.over === undefined ? agent.credential("transport") : more.over;
  const pool = connect(agent.rootPem, over);
  try {
    const answer = await send(pool, new URL(more.path ?? "/oauth/token", system.env.gatewayUrl).href, {
      headers: { "content-type": "application/x-www-form-urlencoded", ...more.headers },
      body: Buffer.from(form.toString()),
    });
    return answer as TokenAnswer;
  } finally {
    pool.destroy();
  }
}

/** The form of a token request with `private_key_jwt`; `more` adds to it or replaces. */
export async function tokenForm(
  system: System,
  agent: TestAgent,
  more: Record<string, string> = {},
): Promise<URLSearchParams> {
  return new URLSearchParams({
    ...{ grant_type: "client_credentials", client_assertion_type: ASSERTION_TYPE },
    client_assertion: more.client_assertion ?? (await assertionBy(system, agent)),
    ...more,
  });
}

/** Forges access tokens with Vigil's own key, which only a test that holds the key-encryption key can. */
export async function forger(system: System) {
  const keys = createKeyStore(system.db, "gateway", roleKekFromEnv(system.env, "gateway"));
  const now = new Date();
  const tokenKeys = await openTokenKeys({
    db: system.db,
    keys,
    log: pino({ level: "silent" }),
    clock: () => now,
  });
  const own = await tokenKeys.signing(now);
  const publicJwk = tokenKeys.published(now).keys.find(({ kid }) => kid === own.keyId);
  const publicBytes = Buffer.from(present(publicJwk?.x, "the public key"), "base64url");
  return {
    /** A token that is right in all but what `claims`, `header` or `key` change. */
    forge: (
      agent: TestAgent,
      claims: Record<string, unknown> = {},
      header: Partial<Header> = {},
      key?: KeyObject,
    ) =>
      signed(
        {
          ...{ iss: system.env.enrolUrl, aud: system.env.gatewayUrl, sub: agent.did, client_id: agent.did },
          ...{ jti: randomUUID(), iat: seconds(), exp: seconds() + 600, scope: "transactions:read" },
          cnf: { "x5t#S256": agent.credential("transport").thumbprint },
          ...claims,
        },
        { alg: "EdDSA", typ: "at+jwt", kid: own.keyId, ...header },
        key ?? own.privateKey,
      ),
    /** Vigil's public key as if it were a shared secret. */
    publicKeyAsSecret: createSecretKey(publicBytes),
  };
}
