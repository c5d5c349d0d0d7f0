import type { Database } from "../../db/client.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import { awaitCertificate } from "../layers/identity/await-certificate.ts";
import { isAskedAgain } from "../layers/identity/engine/check-csr.ts";
import { readCsr } from "../layers/identity/engine/read-csr.ts";
import { readIssuedCertificate } from "../layers/identity/read-issued-certificate.ts";
import { refuseRequestFlood } from "../layers/identity/refuse-request-flood.ts";
import { requestCertificate } from "../layers/identity/request-certificate.ts";
import type { IssuedCertificate, Purpose } from "../layers/identity/schema.ts";
import { credentialByKey, requestOf } from "../layers/identity/store.ts";

/** A request this young is joined; the worker would call an older one late when it comes back. */
const JOINED_MS_MAX = 30_000;

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
  // Looked for first: one that is answered meanwhile has its certificate when that is looked for.
  const open = await openRequest(ctx, input);
  const held = await credentialByKey(ctx.db, csr.keyId);
  if (held && isAskedAgain(held, { ...input, csr })) return readIssuedCertificate(ctx.db, held.id);
  const requestId = open ?? (await ask(ctx, input));
  const { certificatePem, chainPem } = await awaitCertificate(ctx.db, requestId);
  return { certificatePem, chainPem };
}

type Asked = { agentId: string; purpose: Purpose; csrPem: string };

/** The same request, where it still waits for the worker: asking again while that is away is no flood. */
async function openRequest(ctx: { db: Database; now: Date }, asked: Asked): Promise<string | null> {
  const before = await requestOf(ctx.db, asked);
  if (!before || before.answeredAt !== null) return null;
  return ctx.now.getTime() - before.requestedAt.getTime() < JOINED_MS_MAX ? before.id : null;
}

async function ask(ctx: { db: Database; now: Date }, asked: Asked): Promise<string> {
  await refuseRequestFlood(ctx.db, { agentId: asked.agentId, now: ctx.now });
  return requestCertificate(ctx.db, { ...asked, now: ctx.now });
}
