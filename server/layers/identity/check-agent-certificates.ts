import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { AgentCertificates, CertificateReport } from "./certificate-schema.ts";
import { describeCertificate } from "./engine/chain/describe-certificate.ts";
import { derOf } from "./engine/chain/pem.ts";
import { validateChain } from "./engine/chain/validate-chain.ts";
import { ISSUERS, PURPOSES, type Purpose } from "./schema.ts";
import { agentByName, newestCredentials } from "./store.ts";
import { authoritiesOf } from "./store-lists.ts";

/**
 * Judges the newest certificate of each of an agent's purposes, live or not, against the authorities and revocation
 * lists that Vigil holds, by the checks that agents judge each other by.
 *
 * @throws NotFoundError `agent_unknown`.
 */
export async function checkAgentCertificates(
  ctx: VerbContext,
  input: { name: string },
): Promise<AgentCertificates> {
  requirePermission(ctx.actor, "agents.read");
  const agent = await agentByName(ctx.db, input.name);
  const newest = await newestCredentials(ctx.db, agent.id);
  const roots = await authoritiesOf(ctx.db, ["root"]);
  const issuers = await authoritiesOf(ctx.db, ISSUERS);
  const trust = {
    anchors: roots.flatMap((row) => derOf(row.certificatePem, "CERTIFICATE")),
    intermediates: [],
    known: issuers.flatMap((row) => derOf(row.certificatePem, "CERTIFICATE")),
    crls: [...roots, ...issuers].flatMap((row) => (row.crl ? [row.crl] : [])),
  };
  const report = (purpose: Purpose): CertificateReport[] => {
    const pem = newest.find((credential) => credential.purpose === purpose)?.certificatePem;
    if (pem === undefined) return [];
    const [leaf = Buffer.alloc(0)] = derOf(pem, "CERTIFICATE");
    const expected = { purpose, agent: agent.name };
    const { outcome, checks, path } = validateChain({ leaf, ...trust, expected, now: ctx.now });
    const [certificate] = path;
    return [{ purpose, outcome, checks, certificate: certificate ? describeCertificate(certificate) : null }];
  };
  return { checkedAt: ctx.now, reports: PURPOSES.flatMap(report) };
}
