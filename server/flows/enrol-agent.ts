import type { Database } from "../../db/client.ts";
import type { Env } from "../env.ts";
import type { Check } from "../kernel/decision.ts";
import { ConflictError, ForbiddenError, InvalidInputError, UnauthenticatedError } from "../kernel/errors.ts";
import { awaitCertificate } from "../layers/identity/await-certificate.ts";
import { consumeJoinToken } from "../layers/identity/consume-join-token.ts";
import { finishEnrolment } from "../layers/identity/finish-enrolment.ts";
import type {
  EnrolmentAnswer,
  EnrolmentRequest,
  IssuedCertificate,
  Purpose,
} from "../layers/identity/schema.ts";
import { trustBundle } from "../layers/identity/trust-bundle.ts";

/**
 * Enrols an agent: spends its join token, has the worker sign its five requests, and makes it `enrolled`.
 * An agent that enrols again loses what it held before. The same request again within the token's hour
 * gets the same certificates, so a lost answer, or a worker that was away, costs nothing.
 *
 * @throws UnauthenticatedError `join_token_invalid`, `join_token_expired`.
 * @throws ConflictError `join_token_used`. @throws ForbiddenError `agent_barred`, or the worker's refusal.
 * @throws InvalidInputError `csr_refused`. @throws UnavailableError `certificate_pending`.
 */
export async function enrolAgent(
  ctx: { db: Database; now: Date; env: Pick<Env, "enrolUrl" | "gatewayUrl"> },
  input: EnrolmentRequest,
): Promise<EnrolmentAnswer> {
  const { db, now, env } = ctx;
  const consumed = await db.transaction((tx) => consumeJoinToken(tx, { ...input, now }));
  if (consumed.outcome === "refused") throw refusal(consumed.failed);
  const { agent, usedAt, requests } = consumed;
  const given = await Promise.all(
    requests.map(async ([purpose, id]) => ({ purpose, ...(await awaitCertificate(db, id)) })),
  );
  const credentialIds = given.map((each) => each.credentialId);
  await db.transaction((tx) => finishEnrolment(tx, { agentId: agent.id, credentialIds, usedAt, now }));
  const certificates = Object.fromEntries(
    given.map(({ purpose, certificatePem, chainPem }) => [purpose, { certificatePem, chainPem }]),
  ) as Record<Purpose, IssuedCertificate>;
  return {
    agent: agent.name,
    did: agent.did,
    certificates,
    trustBundlePem: await trustBundle(db),
    issuer: env.enrolUrl,
    gatewayUrl: env.gatewayUrl,
  };
}

function refusal(failed: Check): Error {
  const facts = { check: failed.id };
  switch (failed.id) {
    case "token-unused":
      return new ConflictError("join_token_used", failed.detail, facts);
    case "token-in-time":
      return new UnauthenticatedError("join_token_expired", failed.detail, facts);
    case "agent-in-service":
    case "not-banned":
    case "parent-in-service":
      return new ForbiddenError("agent_barred", failed.detail, facts);
    default:
      return new InvalidInputError("csr_refused", failed.detail, facts);
  }
}
