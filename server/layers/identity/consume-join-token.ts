import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { agentsAbove } from "../../../db/family.ts";
import { joinTokens } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { Check } from "../../kernel/decision.ts";
import { ensure } from "../../kernel/ensure.ts";
import { UnauthenticatedError } from "../../kernel/errors.ts";
import { sha256 } from "../../kernel/hash.ts";
import { parseJoinToken } from "../../kernel/join-token.ts";
import { appendRecord } from "../audit/append.ts";
import { REQUEST_TOO_LATE } from "./answer-certificate-request.ts";
import { checkCsr } from "./engine/check-csr.ts";
import { checkEnrolment } from "./engine/check-enrolment.ts";
import { type Csr, readCsr } from "./engine/read-csr.ts";
import { requestCertificate } from "./request-certificate.ts";
import { type EnrolmentRequest, PURPOSES, type Purpose } from "./schema.ts";
import {
  type AgentRow,
  agentById,
  credentialByKey,
  liveCredentials,
  lockJoinToken,
  type RequestRow,
  requestOf,
} from "./store.ts";

/** What became of an enrolment: certificates are asked for, by the request of each purpose, or a refusal. */
export type Consumption =
  | { outcome: "requested"; agent: AgentRow; usedAt: Date; requests: [Purpose, string][] }
  | { outcome: "refused"; failed: Check };

/**
 * Spends a join token on a set of five certificate requests, in the caller's transaction. Two enrolments
 * with one token wait for each other on its row, and the second is refused. A token is not spent on requests
 * that would be refused. The same requests again, from an agent that got no answer, are taken up
 * where they were left. The decision is recorded either way.
 *
 * @throws UnauthenticatedError `join_token_invalid` where nobody was ever given this token.
 */
export async function consumeJoinToken(
  tx: Tx,
  enrolment: EnrolmentRequest & { now: Date },
): Promise<Consumption> {
  const { now, csrs } = enrolment;
  const parsed = parseJoinToken(enrolment.joinToken);
  const token = parsed && (await lockJoinToken(tx, sha256(parsed.secret)));
  if (!token) throw new UnauthenticatedError("join_token_invalid", "This is not a join token of this Vigil.");
  const agent = await agentById(tx, token.agentId, true);
  const read = await Promise.all(PURPOSES.map(async (each) => [each, await readCsr(csrs[each])] as const));
  if (token.usedAt && token.expiresAt > now) {
    const requests = await takeUpAgain(tx, agent, enrolment);
    if (requests) return { outcome: "requested", agent, usedAt: token.usedAt, requests };
  }
  const above = await agentsAbove(tx, agent.id);
  const keyIds = read.map(([, csr]) => csr?.keyId ?? null);
  const checks = checkEnrolment({ token, agent: { ...agent, above }, keyIds, now });
  for (const [purpose, csr] of read) checks.push(...(await csrChecks(tx, agent, purpose, csr)));
  const failed = checks.find((check) => !check.passed);
  const actor: Actor = { type: "agent", id: agent.id, name: agent.name, did: agent.did };
  await appendRecord(tx, {
    kind: "agent.enrolment",
    actor,
    now,
    agent,
    outcome: failed ? "deny" : "allow",
    checks,
    details: { joinTokenId: token.id },
  });
  if (failed) return { outcome: "refused", failed };
  const spent = await tx
    .update(joinTokens)
    .set({ usedAt: now })
    .where(and(eq(joinTokens.id, token.id), isNull(joinTokens.usedAt)))
    .returning({ id: joinTokens.id });
  ensure(spent.length === 1, "a locked, unused join token is spent once");
  const requests: [Purpose, string][] = [];
  for (const purpose of PURPOSES) {
    const request = { agentId: agent.id, purpose, csrPem: csrs[purpose], now };
    requests.push([purpose, await requestCertificate(tx, request)]);
  }
  return { outcome: "requested", agent, usedAt: now, requests };
}

async function csrChecks(tx: Tx, agent: AgentRow, purpose: Purpose, csr: Csr | null): Promise<Check[]> {
  const keyInUse = csr !== null && (await credentialByKey(tx, csr.keyId)) !== null;
  const { checks } = checkCsr({ csr, agent: agent.name, purpose, keyInUse });
  return checks.map((check) => ({ ...check, id: `${purpose}-${check.id}` }));
}

/**
 * The requests of an earlier try with these very bytes, or null where this is another try. What only came
 * too late for the worker is asked again; what was refused, or revoked since, is not taken up.
 */
async function takeUpAgain(
  tx: Tx,
  agent: AgentRow,
  { csrs, now }: EnrolmentRequest & { now: Date },
): Promise<[Purpose, string][] | null> {
  const earlier: [Purpose, RequestRow][] = [];
  for (const purpose of PURPOSES) {
    const request = await requestOf(tx, { agentId: agent.id, purpose, csrPem: csrs[purpose] });
    if (!request || !(await mayBeTakenUp(tx, request, now))) return null;
    earlier.push([purpose, request]);
  }
  const requests: [Purpose, string][] = [];
  for (const [purpose, { id, credentialId, answeredAt }] of earlier) {
    const again = { agentId: agent.id, purpose, csrPem: csrs[purpose], now };
    requests.push([purpose, answeredAt && !credentialId ? await requestCertificate(tx, again) : id]);
  }
  return requests;
}

async function mayBeTakenUp(tx: Tx, request: RequestRow, now: Date): Promise<boolean> {
  if (!request.answeredAt || request.errorCode === REQUEST_TOO_LATE) return true;
  const live = await liveCredentials(tx, request.agentId, now);
  return live.some((credential) => credential.id === request.credentialId);
}
