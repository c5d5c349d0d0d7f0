import { and, eq, isNull } from "drizzle-orm";
import { type Database, isUniqueViolation, type Tx } from "../../../db/client.ts";
import { agentsAbove } from "../../../db/family.ts";
import { notify } from "../../../db/listen.ts";
import { certificateRequests } from "../../../db/schema/index.ts";
import type { Check } from "../../kernel/decision.ts";
import { appendRecord } from "../audit/append.ts";
import { checkCsr, isAskedAgain } from "./engine/check-csr.ts";
import { decideCertification } from "./engine/lifecycle.ts";
import { readCsr } from "./engine/read-csr.ts";
import { issueCertificate } from "./issue-certificate.ts";
import type { OpenAuthority } from "./open-authority.ts";
import type { Issuer, Purpose } from "./schema.ts";
import { type AgentRow, agentById, credentialByKey, type RequestRow } from "./store.ts";

/** Nobody waits for an answer this late: the door gave up long ago, and the agent asks anew. */
const REQUEST_AGE_MS_MAX = 60_000;
/** The refusal's code where that was all that was wrong. */
export const REQUEST_TOO_LATE = "certificate_request_timely";

/**
 * Answers one certificate request: a certificate, or a refusal with its reason, either way recorded. The
 * request is judged here again from the beginning: what a gateway wrote is not believed.
 *
 * @param fence called first in each transaction; throws where this worker lost its lease.
 * @returns whether a certificate was issued; false too where another worker answered first.
 */
export async function answerCertificateRequest(
  db: Database,
  answer: {
    request: RequestRow;
    openIssuer: (purpose: Issuer) => Promise<OpenAuthority>;
    fence: (tx: Tx) => Promise<void>;
    now: Date;
  },
): Promise<boolean> {
  try {
    return await db.transaction((tx) => judge(tx, answer));
  } catch (error) {
    if (!isUniqueViolation(error, "credentials_key_once")) throw error;
    return db.transaction((tx) => judge(tx, answer));
  }
}

type Answer = Parameters<typeof answerCertificateRequest>[1];

async function judge(tx: Tx, { request, openIssuer, fence, now }: Answer): Promise<boolean> {
  await fence(tx);
  const [open] = await tx
    .select({ id: certificateRequests.id })
    .from(certificateRequests)
    .where(and(eq(certificateRequests.id, request.id), isNull(certificateRequests.answeredAt)))
    .for("update");
  if (!open) return false;
  const agent = await agentById(tx, request.agentId, true);
  const purpose = request.purpose as Purpose;
  const csr = await readCsr(request.csrPem);
  const held = csr && (await credentialByKey(tx, csr.keyId));
  const again = isAskedAgain(held, { ...request, csr });
  const keyInUse = held !== null && !again;
  const checks = [
    timely(request, now),
    ...decideCertification({ ...agent, above: await agentsAbove(tx, agent.id) }).checks,
    ...checkCsr({ csr, agent: agent.name, purpose, keyInUse }).checks,
  ];
  const failed = checks.find((check) => !check.passed);
  if (failed || !csr) {
    await refuse(tx, { request, agent, checks, failed: failed ?? checks[0], now });
    return false;
  }
  const issue = async () =>
    issueCertificate(tx, { agent, purpose, csr, checks, issuer: await openIssuer(purpose), now });
  const credentialId = held?.id ?? (await issue());
  await tx
    .update(certificateRequests)
    .set({ answeredAt: now, credentialId })
    .where(eq(certificateRequests.id, request.id));
  return !again;
}

function timely(request: RequestRow, now: Date): Check {
  return {
    id: "request-timely",
    passed: now.getTime() - request.requestedAt.getTime() <= REQUEST_AGE_MS_MAX,
    detail: `The request was read within ${REQUEST_AGE_MS_MAX / 1000} s.`,
  };
}

async function refuse(
  tx: Tx,
  refusal: {
    request: RequestRow;
    agent: AgentRow;
    checks: Check[];
    failed: Check | undefined;
    now: Date;
  },
): Promise<void> {
  const { request, agent, checks, failed, now } = refusal;
  const errorCode = `certificate_${(failed?.id ?? "refused").replaceAll("-", "_")}`;
  const errorDetail = failed?.detail ?? "The request was refused.";
  await tx
    .update(certificateRequests)
    .set({ answeredAt: now, errorCode, errorDetail })
    .where(eq(certificateRequests.id, request.id));
  await appendRecord(tx, {
    kind: "credential.refused",
    actor: { type: "system", id: "certificates" },
    now,
    agent,
    outcome: "deny",
    checks,
    details: { purpose: request.purpose, requestId: request.id, code: errorCode },
  });
  await notify(tx, "certificate", agent.id);
}
