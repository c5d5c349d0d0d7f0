import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { checkCertificate } from "../agent/peer/check-certificate.ts";
import { checkPeer, type PeerReport } from "../agent/peer/check-peer.ts";
import { readIdentity } from "../agent/state.ts";
import { openAgent } from "../agent/vigil-agent.ts";
import type { CertificateFields } from "../server/layers/identity/certificate-schema.ts";
import { agentName, purpose as purposes } from "../server/layers/identity/schema.ts";

const USAGE = `vigil agent check --dir <directory> (--peer <https://…> | --pem <file> [--purpose <purpose>]) [--expect <agent>] [--json]
Exit code: 0 every check passed, 1 findings, 2 it could not be checked.`;
const EXIT = { fine: 0, findings: 1, cannot: 2 } as const;
const PEM_BYTES_MAX = 256 * 1024;

/**
 * Does the handshake with a peer as an enrolled agent, or reads certificates from a file, and tells every check with
 * its reason.
 *
 * @returns the exit code: 0 every check passed, 1 findings, 2 wrong usage or nobody answers.
 */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      dir: { type: "string" },
      peer: { type: "string" },
      pem: { type: "string" },
      purpose: { type: "string", default: "transport" },
      expect: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const { dir, peer, pem, expect = null } = values;
  const purpose = purposes.safeParse(values.purpose);
  const isUrl = peer === undefined || (peer.startsWith("https://") && URL.canParse(peer));
  const isName = expect === null || agentName.safeParse(expect).success;
  if (!dir || (peer === undefined) === (pem === undefined) || !isUrl || !isName || !purpose.success) {
    process.stderr.write(`usage: ${USAGE}\n`);
    return EXIT.cannot;
  }
  const report = pem
    ? await checkCertificate(
        readIdentity(dir),
        readPem(pem),
        { purpose: purpose.data, agent: expect },
        new Date(),
      )
    : await handshake(dir, peer ?? "", expect);
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : printed(report));
  return report.outcome === "allow" ? EXIT.fine : EXIT.findings;
}

async function handshake(dir: string, peer: string, expect: string | null): Promise<PeerReport> {
  const agent = openAgent(dir);
  try {
    return await checkPeer(agent.peering, peer, expect);
  } finally {
    await agent.close();
  }
}

function readPem(file: string): string {
  const text = readFileSync(file, "latin1");
  if (text.length > PEM_BYTES_MAX) throw new Error(`${file} is too large to be certificates.`);
  return text;
}

function printed({ outcome, tls, agent, checks, certificates }: PeerReport): string {
  const failed = checks.filter((check) => !check.passed).length;
  const lines = [
    outcome === "allow"
      ? `FINE: ${checks.length} checks passed.`
      : `FINDINGS: ${failed} of ${checks.length} checks did not pass.`,
    ...(agent ? [`peer      ${agent}`] : []),
    ...(tls ? [`version   ${tls.version}`, `cipher    ${tls.cipher}`, `resumed   ${resumption(tls)}`] : []),
    "",
    ...checks.map(({ id, passed, detail }) => `${passed ? "pass" : "FAIL"}  ${id.padEnd(24)}  ${detail}`),
    ...certificates.flatMap((fields) => ["", ...fieldLines(fields)]),
  ];
  return `${lines.map(plain).join("\n")}\n`;
}

function resumption({ resumed, resumable }: { resumed: boolean; resumable: boolean }): string {
  return `${resumed ? "yes" : "no"}; a second connection ${resumable ? "was" : "was not"}`;
}

function fieldLines(fields: CertificateFields): string[] {
  return [
    `subject   ${fields.subject}`,
    `  issuer      ${fields.issuer}`,
    `  serial      ${fields.serial}`,
    `  valid       ${fields.notBefore.toISOString()} to ${fields.notAfter.toISOString()}`,
    `  names       ${fields.names.join(", ") || "none"}`,
    `  key usage   ${[...fields.keyUsage, ...fields.extendedKeyUsage].join(", ")}`,
    `  key         ${fields.key}, signed with ${fields.signature}`,
    `  key ids     ${fields.subjectKeyId ?? "none"}, by ${fields.authorityKeyId ?? "none"}`,
    `  sha-256     ${fields.thumbprintHex}`,
    `  x5t#S256    ${fields.thumbprint}`,
  ];
}

/** The peer chooses some of these words. */
const plain = (text: string) => text.replace(/[\p{Cc}\p{Cf}]/gu, "\uFFFD");
