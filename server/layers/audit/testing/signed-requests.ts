import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { calculateJwkThumbprint, type JWK } from "jose";
import type { Database } from "../../../../db/client.ts";
import {
  agents,
  auditPayloads,
  auditRecords,
  authorities,
  credentials,
} from "../../../../db/schema/index.ts";
import { actionsRoot } from "../../../kernel/actions-root.ts";
import { canonicalBytes, type Json } from "../../../kernel/canonical.ts";
import { sha256, sha256Label } from "../../../kernel/hash.ts";
import { parseSignatureHeaders, signatureBase, signRequest } from "../../../kernel/http-signature.ts";
import { uuidv7 } from "../../../kernel/ids.ts";
import { TEST_NOW } from "./audit-log.ts";

export type TestAgent = { id: string; did: string; name: string; keyId: string; privateKey: KeyObject };

/** An agent with a registered signature key, Ed25519 or P-256. */
export async function makeSigningAgent(db: Database, type: "ed25519" | "ec" = "ed25519"): Promise<TestAgent> {
  const id = randomUUID();
  const name = `agent-${id.slice(0, 8)}`;
  const did = `did:bank:agent:${name}`;
  const pair =
    type === "ec" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("ed25519");
  const publicJwk = pair.publicKey.export({ format: "jwk" }) as JWK;
  const keyId = await calculateJwkThumbprint(publicJwk);
  const authorityId = randomUUID();
  const notBefore = new Date(TEST_NOW.getTime() - 86_400_000);
  const notAfter = new Date(TEST_NOW.getTime() + 86_400_000);
  await db.insert(agents).values({ id, name, did, createdAt: notBefore });
  await db.insert(authorities).values({
    id: authorityId,
    purpose: "signature",
    certificatePem: "",
    keyName: "test",
    status: "superseded",
    notBefore,
    notAfter,
    createdAt: notBefore,
  });
  await db.insert(credentials).values({
    id: randomUUID(),
    agentId: id,
    purpose: "signature",
    authorityId,
    serial: randomUUID(),
    thumbprint: randomUUID(),
    keyId,
    publicJwk,
    certificatePem: "",
    notBefore,
    notAfter,
    issuedAt: notBefore,
  });
  return { id, did, name, keyId, privateKey: pair.privateKey };
}

/** Record and payload of one signed request, as a gateway makes them. */
export function makeSignedRequest(agent: TestAgent, actions: Json[], now: Date) {
  const bytes = Buffer.from(JSON.stringify(actions));
  const nonce = randomBytes(16).toString("base64url");
  const request = {
    method: "POST",
    targetUri: "https://localhost:8443/v1/actions",
    headers: { authorization: "Bearer test" },
    body: bytes,
  };
  const signer = { privateKey: agent.privateKey, keyId: agent.keyId, nonce, created: now };
  const headers = signRequest(request, signer);
  const stated = parseSignatureHeaders(headers);
  const base = signatureBase({ ...request, headers: { ...request.headers, ...headers } }, stated.parameters);
  const salt = randomBytes(32);
  const id = uuidv7(now.getTime());
  const claims = {
    count: actions.length,
    admitted: actions.length,
    actionsRoot: `sha256:${actionsRoot(salt, actions).toString("hex")}`,
    contentDigest: sha256Label(bytes),
    signatureDigest: sha256Label(stated.signature),
    keyId: agent.keyId,
    nonce,
    tokenId: "token",
  };
  const body = canonicalBytes({
    v: 1,
    id,
    kind: "agent.actions",
    timestamp: now.toISOString(),
    actor: { type: "agent", id: agent.did, name: agent.name },
    agentId: agent.did,
    outcome: "allow",
    request: claims,
  });
  const record = {
    id,
    kind: "agent.actions",
    at: now,
    agentId: agent.id,
    actor: agent.name,
    outcome: "allow",
    body,
    digest: sha256(body),
  };
  const payload = {
    recordId: id,
    bytes: deflateRawSync(bytes),
    encoding: "deflate-raw",
    signatureBase: base,
    signature: stated.signature,
    keyId: agent.keyId,
    salt,
  };
  return { record, payload };
}

/** Writes the record and payload of one signed request. Returns the record's id. */
export async function writeSignedRequest(
  db: Database,
  agent: TestAgent,
  actions: Json[],
  now = TEST_NOW,
): Promise<string> {
  const { record, payload } = makeSignedRequest(agent, actions, now);
  await db.transaction(async (tx) => {
    await tx.insert(auditRecords).values(record);
    await tx.insert(auditPayloads).values(payload);
  });
  return record.id;
}
