import { X509Certificate } from "node:crypto";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { credentials } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { Check } from "../../kernel/decision.ts";
import { base64url, sha256 } from "../../kernel/hash.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { drawSerial } from "./draw-serial.ts";
import { buildCertificate } from "./engine/build-certificate.ts";
import { BACKDATE_MS, PROFILES } from "./engine/profiles.ts";
import type { Csr } from "./engine/read-csr.ts";
import type { OpenAuthority } from "./open-authority.ts";
import { revokeCredential } from "./revoke-credential.ts";
import type { Purpose } from "./schema.ts";
import { type AgentRow, liveCredentials } from "./store.ts";

/** Two keys of one purpose may count at once: the one in use and the one that follows it. */
const LIVE_MAX = 2;

/**
 * Signs a certificate for a request that `checkCsr` allowed, in the caller's transaction. Everything in it
 * but the key comes from the purpose's profile. Of the agent's older certificates of this purpose the
 * newest stays good until it ends; those before it are superseded.
 *
 * @returns the credential's id.
 * @throws a unique violation of `credentials_key_once` where another request used the key first.
 */
export async function issueCertificate(
  tx: Tx,
  wanted: { agent: AgentRow; purpose: Purpose; csr: Csr; checks: Check[]; issuer: OpenAuthority; now: Date },
): Promise<string> {
  const { agent, purpose, csr, issuer, now } = wanted;
  const profile = PROFILES[purpose];
  const certificate = await buildCertificate(issuer.signer, {
    kind: "leaf",
    serial: drawSerial(),
    commonName: agent.name,
    publicKeySpki: new Uint8Array(csr.request.publicKey.rawData),
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: new Date(now.getTime() + profile.lifeMs),
    keyUsage: profile.keyUsage,
    extendedKeyUsage: profile.extendedKeyUsage,
    names: profile.names(agent.name),
  });
  const certificatePem = `${certificate.toString("pem")}\n`;
  const before = await liveCredentials(tx, agent.id, now, purpose);
  const row = {
    id: uuidv7(now.getTime()),
    agentId: agent.id,
    purpose,
    authorityId: issuer.row.id,
    serial: certificate.serialNumber,
    thumbprint: base64url(sha256(new X509Certificate(certificatePem).raw)),
    keyId: csr.keyId,
    publicJwk: csr.publicJwk,
    certificatePem,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    issuedAt: now,
  };
  await tx.insert(credentials).values(row);
  const actor: Actor = { type: "system", id: "certificates" };
  for (const old of before.slice(LIVE_MAX - 1))
    await revokeCredential(tx, { credentialId: old.id, reason: "superseded", actor, now });
  const { serial, thumbprint, keyId } = row;
  await appendRecord(tx, {
    kind: "credential.issued",
    actor,
    now,
    agent,
    outcome: "allow",
    checks: wanted.checks,
    details: { purpose, serial, thumbprint, keyId, notAfter: row.notAfter.toISOString() },
  });
  await notify(tx, "certificate", agent.id);
  return row.id;
}
