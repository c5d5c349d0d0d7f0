import type { Database } from "../../../db/client.ts";
import { signCompact } from "../../kernel/compact-jws.ts";
import { present } from "../../kernel/ensure.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import type { HeldKey, KeyStore } from "../../keys/key-store.ts";
import { signAttestation } from "./attestation-jws.ts";
import { attestationKey, publishedAttestationKeys } from "./attestation-keys.ts";
import {
  documentDigest,
  type FactsDocument,
  factsDocument,
  type PublishedClaim,
} from "./engine/facts-document.ts";
import { loadFacts } from "./load-facts.ts";
import { agentName } from "./schema.ts";
import { type AgentRow, agentByName } from "./store.ts";

/** `typ` of the signature over a whole document. */
export const FACTS_TYPE = "vigil-facts";

/**
 * An agent's facts as anybody may read them: what is public and attested now, each attestation with its
 * signature, and the whole signed by the issuing authority's key for as long as it may be kept. The issuing
 * authority's own attestation is signed anew each time: it says what the certificates say at `now`.
 *
 * @param name from the URL: attacker-controlled.
 * @throws NotFoundError `agent_unknown`.
 */
export async function agentFactsDocument(
  db: Database,
  keys: KeyStore,
  name: string,
  at: { enrolUrl: string; now: Date },
): Promise<FactsDocument> {
  if (!agentName.safeParse(name).success)
    throw new NotFoundError("agent_unknown", "There is no agent of that name.");
  const agent = await agentByName(db, name);
  const key = await attestationKey(keys, "issuing-ca", at.now);
  const published = await publishedAttestationKeys(db);
  const [loaded] = await loadFacts(db, [agent], { now: at.now, keys: published });
  const document = factsDocument(agent, present(loaded, "the agent's facts").facts, {
    jwksUri: new URL("/.well-known/attestation-jwks.json", at.enrolUrl).href,
    signatureOf: ({ stated }, by) => by.attestation?.jws ?? vouch(key, agent, { stated, by, now: at.now }),
  });
  document.verification["x-document"] = signDocument(key, agent, document, at.now);
  return document;
}

function vouch(
  key: HeldKey,
  agent: AgentRow,
  on: { stated: PublishedClaim["stated"]; by: PublishedClaim["attested"][number]; now: Date },
): string {
  const expiresAt = present(on.by.expiresAt, "the end of what the authorities certify");
  return signAttestation(key, {
    ...{ jti: `${agent.id}:${on.now.getTime()}`, sub: agent.did, claim: on.stated.claim },
    ...{ digest: on.stated.digest, authority: "issuing-ca", attester: "vigil" },
    iat: seconds(on.now),
    exp: seconds(expiresAt),
  });
}

function signDocument(key: HeldKey, agent: AgentRow, document: FactsDocument, now: Date): string {
  const { ttl } = document.core_identity as { ttl: number };
  const iat = seconds(now);
  return signCompact(key, FACTS_TYPE, {
    ...{ sub: agent.did, digest: documentDigest(document), iat, exp: iat + Math.max(1, ttl) },
  });
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
