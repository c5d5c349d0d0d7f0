import { type KeyObject, sign, verify } from "node:crypto";
import { type InnerList, parseDictionary, serializeDictionary, serializeInnerList } from "structured-headers";
import type { Check, Decision } from "./decision.ts";
import { UnauthenticatedError, VigilError } from "./errors.ts";
import { sha256 } from "./hash.ts";

/** What an agent's signature must cover, and nothing else (RFC 9421 §2). */
export const COVERED_COMPONENTS = ["@method", "@target-uri", "authorization", "content-digest"] as const;
export const SIGNATURE_TAG = "vigil-action";
/** How far `created` may lie from the verifier's clock, either way. */
export const SIGNATURE_AGE_SECONDS_MAX = 60;
/** Letters that need no escape anywhere a nonce is written. */
const NONCE = /^[A-Za-z0-9._~+/=-]{16,128}$/;
const LABEL = "vigil";

/** A request as far as signatures see it: header names in lower case, the body's exact bytes. */
export type SignableRequest = {
  method: string;
  /** Absolute URI as the client sent it (RFC 9421 §2.2.2). */
  targetUri: string;
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
};

/** A signature as its headers state it; nothing of it is proved yet. */
export type StatedSignature = {
  parameters: InnerList;
  created: Date;
  expires: Date | null;
  keyId: string;
  nonce: string;
  tag: string;
  algorithm: string | null;
  signature: Buffer;
};

/** The `Content-Digest` field of a body (RFC 9530): `sha-256=:…:`. */
export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${sha256(body).toString("base64")}:`;
}

/**
 * The signature base (RFC 9421 §2.5): one line for each covered component, then the parameters.
 *
 * @throws VigilError `component_missing` where the request lacks a component or the component is not known.
 */
export function signatureBase(request: Omit<SignableRequest, "body">, parameters: InnerList): string {
  const lines = parameters[0].map(([name]) => `"${String(name)}": ${component(request, String(name))}`);
  return [...lines, `"@signature-params": ${serializeInnerList(parameters)}`].join("\n");
}

/**
 * Signs a request as an agent: adds to `headers` what must be sent with it.
 *
 * @param signer `keyId` is the RFC 7638 thumbprint of the key; `nonce` is never used twice.
 */
export function signRequest(
  request: SignableRequest,
  signer: { privateKey: KeyObject; keyId: string; nonce: string; created: Date },
): { "content-digest": string; "signature-input": string; signature: string } {
  const digest = contentDigest(request.body);
  const parameters: InnerList = [
    COVERED_COMPONENTS.map((name) => [name, new Map()]),
    new Map<string, string | number>([
      ["created", Math.floor(signer.created.getTime() / 1000)],
      ["keyid", signer.keyId],
      ["nonce", signer.nonce],
      ["tag", SIGNATURE_TAG],
    ]),
  ];
  const headers = { ...request.headers, "content-digest": digest };
  const base = Buffer.from(signatureBase({ ...request, headers }, parameters));
  const signature = sign(hashOf(signer.privateKey), base, signingKey(signer.privateKey));
  return {
    "content-digest": digest,
    "signature-input": serializeDictionary(new Map([[LABEL, parameters]])),
    signature: serializeDictionary({ [LABEL]: new Uint8Array(signature) }),
  };
}

/**
 * Reads `Signature-Input` and `Signature`: exactly one signature, under one label.
 *
 * @throws UnauthenticatedError `signature_missing` or `signature_malformed`.
 */
export function parseSignatureHeaders(headers: SignableRequest["headers"]): StatedSignature {
  const input = headers["signature-input"];
  const value = headers.signature;
  if (!input || !value)
    throw new UnauthenticatedError(
      "signature_missing",
      "The request carries no Signature-Input and Signature; sign it with the agent's signature key (RFC 9421).",
    );
  const [label, parameters] = only(parse(input));
  const [signatureLabel, item] = only(parse(value));
  if (label !== signatureLabel || !Array.isArray(parameters[0]) || !(item[0] instanceof ArrayBuffer))
    throw malformed("The Signature and Signature-Input fields do not belong together.");
  const stated = parameters as InnerList;
  return {
    parameters: stated,
    created: instantOf(stated, "created"),
    expires: stated[1].has("expires") ? instantOf(stated, "expires") : null,
    keyId: textOf(stated, "keyid"),
    nonce: textOf(stated, "nonce"),
    tag: textOf(stated, "tag"),
    algorithm: stated[1].has("alg") ? textOf(stated, "alg") : null,
    signature: Buffer.from(item[0]),
  };
}

/**
 * Whether this request was signed, whole and recently, by the holder of the key. The checks come in order
 * and end at the first that fails; `base` is what the signature covered, null where it could not be made.
 */
export function verifyRequestSignature(
  request: SignableRequest,
  stated: StatedSignature,
  publicKey: KeyObject,
  now: Date,
): Decision & { base: string | null } {
  const checks: Check[] = [];
  const must = (id: string, passed: boolean, detail: string) => {
    checks.push({ id, passed, detail });
    return passed;
  };
  const deny = (base: string | null) => ({ outcome: "deny" as const, checks, base });
  if (
    !must("signature-covers", coversExactly(stated.parameters), `It covers ${COVERED_COMPONENTS.join(", ")}.`)
  )
    return deny(null);
  if (!must("signature-tag", stated.tag === SIGNATURE_TAG, `Its tag is ${SIGNATURE_TAG}.`)) return deny(null);
  if (!must("signature-fresh", isFresh(stated, now), `It was made within ${SIGNATURE_AGE_SECONDS_MAX} s.`))
    return deny(null);
  const nonceDetail = "Its nonce has 16 to 128 letters, digits or . _ ~ + / = -";
  if (!must("signature-nonce", NONCE.test(stated.nonce), nonceDetail)) return deny(null);
  const whole = request.headers["content-digest"]?.trim() === contentDigest(request.body);
  if (!must("content-digest", whole, "Content-Digest is the SHA-256 of the body as it came."))
    return deny(null);
  const known = stated.algorithm === null || stated.algorithm === algorithmOf(publicKey);
  if (!must("signature-algorithm", known, "Its algorithm is the key's.")) return deny(null);
  const base = signatureBase(request, stated.parameters);
  const genuine = verify(hashOf(publicKey), Buffer.from(base), signingKey(publicKey), stated.signature);
  if (!must("signature-verifies", genuine, "It verifies with the agent's signature key.")) return deny(base);
  return { outcome: "allow", checks, base };
}

function component(request: Omit<SignableRequest, "body">, name: string): string {
  const uri = () => new URL(request.targetUri);
  if (name === "@method") return request.method.toUpperCase();
  if (name === "@target-uri") return request.targetUri;
  if (name === "@authority") return uri().host;
  if (name === "@path") return uri().pathname;
  const value = name.startsWith("@") ? undefined : request.headers[name];
  if (value === undefined)
    throw new VigilError("component_missing", 401, `The request has no ${name} for its signature to cover.`);
  return value.trim();
}

function coversExactly([items]: InnerList): boolean {
  const names = items.map(([name, parameters]) => (parameters.size === 0 ? String(name) : ""));
  return (
    names.length === COVERED_COMPONENTS.length && COVERED_COMPONENTS.every((name) => names.includes(name))
  );
}

function isFresh(stated: StatedSignature, now: Date): boolean {
  const ageMs = now.getTime() - stated.created.getTime();
  if (stated.expires && stated.expires.getTime() <= now.getTime()) return false;
  return Math.abs(ageMs) <= SIGNATURE_AGE_SECONDS_MAX * 1000;
}

/** RFC 9421 §3.3.6 and §3.3.4: the key decides the algorithm, never the message. */
function algorithmOf(key: KeyObject): "ed25519" | "ecdsa-p256-sha256" {
  if (key.asymmetricKeyType === "ed25519") return "ed25519";
  if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") return "ecdsa-p256-sha256";
  throw new VigilError("key_unsuited", 401, "A signature key is Ed25519 or ECDSA P-256.");
}

const hashOf = (key: KeyObject) => (algorithmOf(key) === "ed25519" ? null : "sha256");
/** ECDSA signatures are r and s side by side; Ed25519 knows one form only, and the bare key is quicker. */
const signingKey = (key: KeyObject) =>
  algorithmOf(key) === "ed25519" ? key : { key, dsaEncoding: "ieee-p1363" as const };

function parse(field: string): ReturnType<typeof parseDictionary> {
  try {
    return parseDictionary(field);
  } catch {
    throw malformed("A signature field is not a structured dictionary (RFC 8941).");
  }
}

function only<T>(members: Map<string, T>): [string, T] {
  const [first, second] = members;
  if (!first || second) throw malformed("A request carries exactly one signature.");
  return first;
}

function textOf([, parameters]: InnerList, name: string): string {
  const value = parameters.get(name);
  if (typeof value !== "string" || value === "")
    throw malformed(`The signature parameter ${name} is missing.`);
  return value;
}

function instantOf([, parameters]: InnerList, name: string): Date {
  const value = parameters.get(name);
  if (typeof value !== "number" || !Number.isInteger(value))
    throw malformed(`The signature parameter ${name} is not a number of seconds.`);
  return new Date(value * 1000);
}

const malformed = (message: string) => new UnauthenticatedError("signature_malformed", message);
