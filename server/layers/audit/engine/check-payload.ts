import { hash, type KeyObject, verify } from "node:crypto";
import { promisify } from "node:util";
import { inflateRawSync } from "node:zlib";
import { actionsRoot } from "../../../kernel/actions-root.ts";
import type { Json } from "../../../kernel/canonical.ts";
import type { RequestClaims } from "./check-record.ts";

/** A payload as it is stored: the agent's bytes and signature. */
export type StoredPayload = {
  bytes: Buffer;
  encoding: string;
  signatureBase: string;
  signature: Buffer;
  keyId: string;
  salt: Buffer;
};

/** A signature key as it is registered. `thumbprint` was computed from the key itself (RFC 7638). */
export type SignatureKey = {
  publicKey: KeyObject;
  thumbprint: string;
  agentId: string;
  notBeforeMs: number;
  notAfterMs: number;
};

/** What a body may unpack to at most; the doors admit far less. */
const PAYLOAD_BYTES_MAX = 16 * 1024 * 1024;
const SKEW_MS = 60_000;
const verifyAside = promisify(
  (
    key: KeyObject | { key: KeyObject; dsaEncoding: "ieee-p1363" },
    algorithm: string | null,
    data: Buffer,
    signature: Buffer,
    done: (error: Error | null, genuine?: boolean) => void,
  ) => verify(algorithm, data, key, signature, done),
);

/**
 * Whether the agent signed these bytes: payload, signature and key must be those that the chained record
 * names, and the signature must verify. The signature itself is verified on a thread of the pool.
 *
 * @returns what is wrong in a sentence, or null.
 */
export async function checkPayload(
  facts: { agentId: string | null; atMs: number; request: RequestClaims },
  payload: StoredPayload | undefined,
  key: SignatureKey | undefined,
): Promise<string | null> {
  const { request } = facts;
  if (!payload) return "The signed request that belongs to this record is missing.";
  const bytes = payloadBytes(payload);
  if (!bytes || labelOf(bytes) !== request.contentDigest)
    return "The signed request's bytes do not have the digest that the record names.";
  if (labelOf(payload.signature) !== request.signatureDigest)
    return "The signature is not the one that the record names.";
  const base = baseProblem(payload, bytes, request);
  if (base) return base;
  if (!key) return `The signature key ${request.keyId} is not registered.`;
  if (key.thumbprint !== request.keyId)
    return `The public key registered for ${request.keyId} is another key.`;
  if (key.agentId !== facts.agentId) return `The signature key ${request.keyId} belongs to another agent.`;
  if (facts.atMs < key.notBeforeMs - SKEW_MS || facts.atMs > key.notAfterMs + SKEW_MS)
    return `The signature key ${request.keyId} was not valid at that time.`;
  if (!(await isGenuine(key.publicKey, payload))) return "The agent's signature does not verify.";
  return rootProblem(payload, bytes, request);
}

/** The request's body as the agent sent it; null where it does not unpack. */
export function payloadBytes({ bytes, encoding }: Pick<StoredPayload, "bytes" | "encoding">): Buffer | null {
  if (encoding === "identity") return bytes;
  try {
    return encoding === "deflate-raw" ? inflateRawSync(bytes, { maxOutputLength: PAYLOAD_BYTES_MAX }) : null;
  } catch {
    return null;
  }
}

/** The actions in a body: a JSON array, or one JSON value a line. Null where it is neither. */
export function actionsIn(bytes: Buffer): Json[] | null {
  const text = bytes.toString("utf8");
  try {
    const values: Json = text.trimStart().startsWith("[")
      ? JSON.parse(text)
      : text
          .split("\n")
          .filter((line) => line.trim() !== "")
          .map((line) => JSON.parse(line) as Json);
    return Array.isArray(values) ? values : null;
  } catch {
    return null;
  }
}

const labelOf = (bytes: Buffer) => `sha256:${hash("sha256", bytes, "hex")}`;

/** What was signed must name these bytes, this key and this nonce; else a true signature stands over another request. */
function baseProblem(payload: StoredPayload, bytes: Buffer, request: RequestClaims): string | null {
  const lines = payload.signatureBase.split("\n");
  const parameters = lines[lines.length - 1] ?? "";
  const named =
    payload.keyId === request.keyId &&
    lines.includes(`"content-digest": sha-256=:${hash("sha256", bytes, "base64")}:`) &&
    parameters.startsWith('"@signature-params": ') &&
    parameters.includes(`;keyid="${request.keyId}"`) &&
    parameters.includes(`;nonce="${request.nonce}"`);
  return named ? null : "What was signed does not name this request's body, key and nonce.";
}

async function isGenuine(publicKey: KeyObject, payload: StoredPayload): Promise<boolean> {
  const isEd25519 = publicKey.asymmetricKeyType === "ed25519";
  const algorithm = isEd25519 ? null : "sha256";
  // Ed25519 signatures have one form only, and the bare key is quicker.
  const key = isEd25519 ? publicKey : { key: publicKey, dsaEncoding: "ieee-p1363" as const };
  try {
    return (
      (await verifyAside(key, algorithm, Buffer.from(payload.signatureBase), payload.signature)) === true
    );
  } catch {
    return false;
  }
}

function rootProblem(payload: StoredPayload, bytes: Buffer, request: RequestClaims): string | null {
  const actions = request.count === 0 ? [] : actionsIn(bytes);
  if (actions?.length !== request.count) return `The signed request does not hold ${request.count} actions.`;
  try {
    const root = `sha256:${actionsRoot(payload.salt, actions).toString("hex")}`;
    return root === request.actionsRoot ? null : "The actions do not lead to the root that the record names.";
  } catch {
    return "The actions have no canonical form.";
  }
}
