import { createPrivateKey, type KeyObject, randomBytes, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { base64url, sha256 } from "../server/kernel/hash.ts";
import { keyThumbprint } from "../server/kernel/key-thumbprint.ts";
import type { Purpose } from "../server/layers/identity/schema.ts";
import { AgentError } from "./errors.ts";

const agentFile = z.object({
  agent: z.string(),
  did: z.string(),
  issuer: z.url(),
  gatewayUrl: z.url(),
  enrolUrl: z.url(),
});

/** Who this agent is and where its doors are. */
export type Identity = z.infer<typeof agentFile> & { rootPem: string };

/** One of the agent's keys with its certificate. The private key is in this process and its 0600 file alone. */
export type Credential = {
  purpose: Purpose;
  privateKey: KeyObject;
  keyPem: string;
  /** The certificate, then its issuer's. */
  certificatePem: string;
  /** RFC 7638 thumbprint of the key. */
  keyId: string;
  /** `x5t#S256` of the certificate. */
  thumbprint: string;
  notBefore: Date;
  notAfter: Date;
};

const IDENTITY_FILE = "agent.json";
const ROOT_FILE = "root.pem";
const PRIVATE_KEY = /-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----\n?/;

/** Whether an agent enrolled into this directory. */
export function isEnrolled(directory: string): boolean {
  return existsSync(path.join(directory, IDENTITY_FILE));
}

/** @throws AgentError `not_enrolled`. */
export function readIdentity(directory: string): Identity {
  if (!isEnrolled(directory))
    throw new AgentError(
      "not_enrolled",
      0,
      `No agent enrolled into ${directory}. Run \`vigil agent enrol\` first.`,
    );
  const text = readFileSync(path.join(directory, IDENTITY_FILE), "utf8");
  return {
    ...agentFile.parse(JSON.parse(text)),
    rootPem: readFileSync(path.join(directory, ROOT_FILE), "utf8"),
  };
}

/** Writes who the agent is; last of all, so that a directory is enrolled only when it is whole. */
export async function writeIdentity(directory: string, identity: Identity): Promise<void> {
  const { rootPem, ...rest } = identity;
  await writePrivately(path.join(directory, ROOT_FILE), rootPem);
  await writePrivately(path.join(directory, IDENTITY_FILE), `${JSON.stringify(rest, null, 2)}\n`);
}

export function readCredential(directory: string, purpose: Purpose): Credential {
  const text = readFileSync(path.join(directory, `${purpose}.pem`), "utf8");
  const keyPem = PRIVATE_KEY.exec(text)?.[0];
  if (!keyPem)
    throw new AgentError("state_damaged", 0, `${purpose}.pem in ${directory} holds no private key.`);
  return makeCredential(purpose, keyPem, text.replace(keyPem, ""));
}

/** A key and its certificates as one thing. @throws Error where they do not belong together. */
export function makeCredential(purpose: Purpose, keyPem: string, certificatePem: string): Credential {
  const privateKey = createPrivateKey(keyPem);
  const certificate = new X509Certificate(certificatePem);
  if (!certificate.checkPrivateKey(privateKey))
    throw new AgentError("wrong_certificate", 0, `The ${purpose} certificate is for another key.`);
  return {
    purpose,
    privateKey,
    keyPem,
    certificatePem,
    keyId: keyThumbprint(privateKey),
    thumbprint: base64url(sha256(certificate.raw)),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}

/** Replaces the key and certificate of a purpose, both at once: a crash leaves the old pair or the new. */
export async function writeCredential(directory: string, credential: Credential): Promise<void> {
  const file = path.join(directory, `${credential.purpose}.pem`);
  await writePrivately(file, `${credential.keyPem.trimEnd()}\n${credential.certificatePem}`);
}

async function writePrivately(file: string, text: string): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
