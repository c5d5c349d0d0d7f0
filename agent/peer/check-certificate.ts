import { describeCertificate } from "../../server/layers/identity/engine/chain/describe-certificate.ts";
import { derOf } from "../../server/layers/identity/engine/chain/pem.ts";
import { validateChain } from "../../server/layers/identity/engine/chain/validate-chain.ts";
import type { Purpose } from "../../server/layers/identity/schema.ts";
import { AgentError } from "../errors.ts";
import type { Identity } from "../state.ts";
import type { PeerReport } from "./check-peer.ts";
import { fetchTrust } from "./fetch-trust.ts";
import { checkLists } from "./keep-trust.ts";

/**
 * Judges certificates of a PEM text, the leaf first, against the newest lists, without any handshake.
 *
 * @throws AgentError `no_certificate`, `trust_unavailable`.
 */
export async function checkCertificate(
  identity: Identity,
  pem: string,
  expected: { purpose: Purpose; agent: string | null },
  now: Date,
): Promise<PeerReport> {
  const [leaf, ...intermediates] = derOf(pem, "CERTIFICATE");
  if (!leaf) throw new AgentError("no_certificate", 0, "There is no certificate in the file (PEM).");
  const trust = await fetchTrust(identity, expected.purpose).catch((error: Error) => {
    throw new AgentError(
      "trust_unavailable",
      0,
      `Vigil's revocation lists could not be fetched: ${error.message}`,
    );
  });
  const facts = { leaf, ...trust, intermediates, known: trust.intermediates, expected, now };
  const { path, checks: chain } = validateChain(facts);
  const checks = [checkLists({ ...trust, fetchedAt: now, away: null }, now), ...chain];
  const outcome = checks.every((check) => check.passed) ? "allow" : "deny";
  return { outcome, tls: null, agent: null, checks, certificates: path.map(describeCertificate) };
}
