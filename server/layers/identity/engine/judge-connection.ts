import type { Check } from "../../../kernel/decision.ts";
import type { Negotiated, TlsPolicy, TlsVersion } from "../connection-schema.ts";

export type ConnectionFinding = {
  rule: "tls_outside_policy" | "tls_drift";
  severity: "medium" | "high";
  title: string;
  checks: Check[];
};

/** From oldest to newest: what is further left protects less. */
const VERSIONS = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
const ASPECTS = [
  { key: "version", id: "tls-version-known", words: "the version" },
  { key: "cipher", id: "tls-cipher-known", words: "the cipher suite" },
  { key: "keyExchange", id: "tls-key-exchange-known", words: "the key exchange" },
] as const;

/** Whether the list of suites allows this outcome; the key exchange is not on the seed's list. */
export function isAllowed(policy: TlsPolicy, { version, cipher }: Negotiated): boolean {
  return Object.hasOwn(policy, version) && (policy[version as TlsVersion]?.includes(cipher) ?? false);
}

/**
 * What is wrong with what an agent negotiated: outside the list of suites (which a gateway's own handshake rules out,
 * a proxy's does not), or unlike everything it negotiated before. The first outcome of an agent is learnt, and so is
 * the first key exchange that is told of. A version below all earlier ones is a downgrade, and graver.
 *
 * @param facts.known everything this agent negotiated before, over whatever path.
 */
export function judgeConnection(facts: {
  known: readonly Negotiated[];
  seen: Negotiated;
  policy: TlsPolicy;
}): ConnectionFinding[] {
  const { known, seen, policy } = facts;
  const findings: ConnectionFinding[] = [];
  if (!isAllowed(policy, seen))
    findings.push({
      rule: "tls_outside_policy",
      severity: "high",
      title: `A connection negotiated ${seen.version} with ${seen.cipher}, which the policy does not allow`,
      checks: [
        {
          id: "tls-allowed",
          passed: false,
          detail: `${seen.version} with ${seen.cipher} is not on the list: ${policyLines(policy).join(", ")}.`,
        },
      ],
    });
  const checks = ASPECTS.flatMap(({ key, id, words }) => {
    const before = [...new Set(known.map((it) => it[key]).filter(Boolean))];
    if (seen[key] === "" || before.length === 0) return [];
    const passed = before.includes(seen[key]);
    const detail = passed
      ? `The agent negotiated ${seen[key]} before.`
      : `${words} ${seen[key]} is new: the agent negotiated ${before.sort().join(", ")} until now.`;
    return [{ id, passed, detail: detail.charAt(0).toUpperCase() + detail.slice(1) }];
  });
  const news = ASPECTS.filter(({ id }) => checks.some((check) => check.id === id && !check.passed));
  if (news.length > 0)
    findings.push({
      rule: "tls_drift",
      severity: isDowngrade(known, seen) ? "high" : "medium",
      title: `A connection negotiated what this agent never did before: ${news.map(({ key }) => seen[key]).join(", ")}`,
      checks,
    });
  return findings;
}

/** The policy as `version cipher`, for people. */
export function policyLines(policy: TlsPolicy): string[] {
  return Object.entries(policy).flatMap(([version, ciphers]) =>
    ciphers.map((cipher) => `${version} ${cipher}`),
  );
}

function isDowngrade(known: readonly Negotiated[], seen: Negotiated): boolean {
  return known.every(({ version }) => VERSIONS.indexOf(seen.version) < VERSIONS.indexOf(version));
}
