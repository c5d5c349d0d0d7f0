import type { Kin } from "../../../kernel/family-line.ts";
import type { Standing } from "../facts-schema.ts";
import { type AgentStatus, PURPOSES, type Purpose } from "../schema.ts";
import type { AuthorityStanding } from "./judge-facts.ts";
import { decideCertification } from "./lifecycle.ts";

/** An active certificate of the agent, as the certificate itself says it. */
export type CertifiedKey = {
  purpose: Purpose;
  thumbprint: string;
  notBefore: Date;
  notAfter: Date;
  /** An authority of this purpose signed it, the root that authority, and it names this agent. */
  genuine: boolean;
};

export type IdentityProof = {
  agent: { status: AgentStatus; banned: boolean; above: readonly Kin[] };
  keys: readonly CertifiedKey[];
};

/**
 * Whether Vigil's own authorities vouch for the agent at `now`: it is in service and has a live certificate for
 * each of the five purposes. It ends with the first purpose to run out, and nobody has to do anything for that.
 */
export function judgeIdentity({ agent, keys }: IdentityProof, now: Date): AuthorityStanding {
  const service = decideCertification(agent).checks.find((check) => !check.passed);
  if (service) return identity("void", service.detail);
  const live = liveKeys(keys, now);
  const lacking = PURPOSES.filter((purpose) => !live.some((key) => key.purpose === purpose));
  const forged = keys.filter((key) => !key.genuine && lacking.includes(key.purpose));
  if (forged.length > 0)
    return identity(
      "invalid",
      `No authority of this Vigil signed the stored certificate for ${forged.map((key) => key.purpose).join(", ")}.`,
    );
  if (lacking.length > 0) return identity("missing", `No live certificate for ${lacking.join(", ")}.`);
  const expiresAt = new Date(Math.min(...live.map((key) => key.notAfter.getTime())));
  const detail = `Five live certificates; the first ends ${expiresAt.toISOString()}.`;
  return { standing: "attested", detail, attestation: null, expiresAt };
}

/** The genuine certificate of each purpose that lives longest, of those that count at `now`. */
export function liveKeys(keys: readonly CertifiedKey[], now: Date): CertifiedKey[] {
  const counting = keys.filter((key) => key.genuine && key.notBefore <= now && now < key.notAfter);
  return PURPOSES.flatMap((purpose) => {
    const own = counting.filter((key) => key.purpose === purpose);
    const longest = own.sort((a, b) => b.notAfter.getTime() - a.notAfter.getTime())[0];
    return longest ? [longest] : [];
  });
}

function identity(standing: Standing, detail: string): AuthorityStanding {
  return { standing, detail, attestation: null, expiresAt: null };
}
