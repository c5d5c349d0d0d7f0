import type { Database } from "../../db/client.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import { awaitCertificate } from "../layers/identity/await-certificate.ts";
import { isAskedAgain } from "../layers/identity/engine/check-csr.ts";
import { readCsr } from "../layers/identity/engine/read-csr.ts";
import { readIssuedCertificate } from "../layers/identity/read-issued-certificate.ts";
import { refuseRequestFlood } from "../layers/identity/refuse-request-flood.ts";
import { requestCertificate } from "../layers/identity/request-certificate.ts";
import type { IssuedCertificate, Purpose } from "../layers/identity/schema.ts";
import { credentialByKey } from "../layers/identity/store.ts";

/**
 * Gives an agent, known by its transport certificate, the next certificate of one purpose for a new key.
 * The same request again gets the same certificate, so a lost answer costs nothing. Whether the agent may
 * have one is the worker's decision, which it records.
 *
 * @throws InvalidInputError `csr_refused` for what is not a request. @throws ForbiddenError the refusal's code.
 * @throws VigilError `too_many_requests` (429). @throws UnavailableError `certificate_pending`.
 */
export async function renewCredential(
  ctx: { db: Database; now: Date },
  input: { agentId: string; purpose: Purpose; csrPem: string },
): Promise<IssuedCertificate> {
  const csr = await readCsr(input.csrPem);
  if (!csr) throw new InvalidInputError("csr_refused", "This is not a PEM certificate request (PKCS #10).");
  const held = await credentialByKey(ctx.db, csr.keyId);
  if (held && isAskedAgain(held, { ...input, csr })) return readIssuedCertificate(ctx.db, held.id);
  await refuseRequestFlood(ctx.db, { agentId: input.agentId, now: ctx.now });
  const requestId = await requestCertificate(ctx.db, { ...input, now: ctx.now });
  const { certificatePem, chainPem } = await awaitCertificate(ctx.db, requestId);
  return { certificatePem, chainPem };
}
