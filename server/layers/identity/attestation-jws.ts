import { z } from "zod";
import { openCompact, signCompact } from "../../kernel/compact-jws.ts";
import { remember } from "../../kernel/remember.ts";
import type { HeldKey } from "../../keys/key-store.ts";
import type { AttestationKeys } from "./attestation-keys.ts";
import { AUTHORITIES, type Authority, type Claim, claim } from "./facts-schema.ts";

/** `typ` of an attestation's header. */
export const ATTESTATION_TYPE = "vigil-attestation";

/** Attestations and verdicts kept in memory: a few for each agent of a large bank. */
const VERDICTS_MAX = 20_000;

/** What an attestation says. Instants are whole seconds, as JWTs have them (RFC 7519 §2). */
export type AttestationClaims = {
  jti: string;
  /** The agent's DID. */
  sub: string;
  claim: Claim;
  digest: string;
  authority: Authority;
  /** Opaque id of the person, or `vigil`. */
  attester: string;
  iat: number;
  exp: number;
};

const attestationClaims = z.object({
  jti: z.string(),
  sub: z.string(),
  claim,
  digest: z.string(),
  authority: z.enum(AUTHORITIES),
  attester: z.string(),
  iat: z.number().int(),
  exp: z.number().int(),
});

/** The signed form of an attestation (compact JWS). */
export function signAttestation(key: HeldKey, claims: AttestationClaims): string {
  return signCompact(key, ATTESTATION_TYPE, claims);
}

/** What a stored attestation says, if the key of the authority it names signed it; null otherwise. */
export function openAttestation(jws: string, keys: AttestationKeys): AttestationClaims | null {
  return opened({ jws, keys });
}

const opened = remember(
  ({ jws, keys }: { jws: string; keys: AttestationKeys }): AttestationClaims | null => {
    const byId = new Map([...keys].map(([keyId, { key }]) => [keyId, key]));
    const found = openCompact(jws, ATTESTATION_TYPE, byId);
    const read = attestationClaims.safeParse(found?.claims);
    if (!found || !read.success) return null;
    return keys.get(found.keyId)?.authority === read.data.authority ? read.data : null;
  },
  // Key ids are thumbprints: they stand for the keys' very bytes.
  ({ jws, keys }) => `${[...keys].map(([keyId, { authority }]) => `${keyId}=${authority}`).join()} ${jws}`,
  VERDICTS_MAX,
);
