/** The load of token requests: a process of its own, whose clients sign an assertion for each as agents do. */
import { createPrivateKey, randomUUID, sign } from "node:crypto";
import { Agent, request } from "undici";
import { KEEP_ALIVE_MS } from "../../agent/connection.ts";
import { isProgram } from "../../server/process-end.ts";
import { drive, type LoadOrder } from "./load.ts";

export type TokenClient = {
  did: string;
  issuer: string;
  rootPem: string;
  transport: { keyPem: string; certificatePem: string };
  oauth: { keyPem: string; keyId: string };
};
export type TokenOrder = Pick<LoadOrder, "pace" | "warmSeconds" | "seconds"> & {
  url: string;
  clients: TokenClient[];
  /** The status of an answer that counts: another for the floor. */
  accepted: number;
};

const ASSERTION_SECONDS = 60;
const FORM = { "content-type": "application/x-www-form-urlencoded" };

if (isProgram(import.meta.filename)) process.once("message", (order: TokenOrder) => void run(order));

async function run(order: TokenOrder): Promise<void> {
  const senders = order.clients.map((client) => ({ send: senderOf(client, order.url) }));
  const warmed = await drive(order, senders, order.warmSeconds, order.accepted);
  process.send?.("warm");
  const result = await drive(order, senders, order.seconds, order.accepted);
  for (const [why, count] of Object.entries(warmed.wrong))
    result.wrong[why] = (result.wrong[why] ?? 0) + count;
  process.send?.(result, () => process.exit(0));
}

function senderOf(client: TokenClient, url: string): () => Promise<number> {
  const dispatcher = new Agent({
    ...{ connections: 1, keepAliveTimeout: KEEP_ALIVE_MS },
    connect: {
      ...{ ca: client.rootPem, key: client.transport.keyPem, cert: client.transport.certificatePem },
    },
  });
  const key = createPrivateKey(client.oauth.keyPem);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = part({ alg: "ES256", kid: client.oauth.keyId });
  const assertion = () => {
    const seconds = Math.floor(Date.now() / 1000);
    const times = { iat: seconds, exp: seconds + ASSERTION_SECONDS };
    const text = `${header}.${part({ iss: client.did, sub: client.did, aud: client.issuer, jti: randomUUID(), ...times })}`;
    return `${text}.${sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  };
  return async () => {
    const body = new URLSearchParams({
      ...{ grant_type: "client_credentials", scope: "transactions:read" },
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion(),
    }).toString();
    const answer = await request(url, { dispatcher, method: "POST", headers: FORM, body });
    await answer.body.dump();
    return answer.statusCode;
  };
}
