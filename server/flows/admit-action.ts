import { authorizeRequest } from "./admit-action/authorize-request.ts";
import { checkIsolation } from "./admit-action/check-isolation.ts";
import type { CommitOutcome, Entry } from "./admit-action/entry.ts";
import {
  checkInService,
  checkReports,
  checkSignature,
  identifyConnection,
} from "./admit-action/identify-caller.ts";
import { judgeActions } from "./admit-action/judge-actions.ts";
import { makeEntry, type SignReceipt, type Told } from "./admit-action/make-entry.ts";
import { readActions } from "./admit-action/read-actions.ts";
import { strangerOf } from "./admit-action/stranger-of.ts";
import {
  type AgentRequest,
  type LiveAgent,
  type RequestRefusal,
  refuse,
  type Stranger,
  type VerifiedToken,
  type World,
} from "./admit-action/world.ts";

/** Where admissions are written, and where refusals that would flood the log are counted instead. */
export type Ledger = {
  commit: (entry: Entry) => Promise<CommitOutcome>;
  /**
   * Whether this refusal gets a record of its own; when not, it has been counted and will be part of an
   * aggregated one. `agent` is null where nobody proved who they are.
   */
  mayRecord: (
    denial: { agent: LiveAgent | null; code: string; sourceIp: string; signed: boolean },
    now: Date,
  ) => boolean;
};

export type Admission = {
  world: World;
  ledger: Ledger;
  signReceipt: SignReceipt;
  /** Hears of an identity that a refused request named and nobody registered. */
  stranger?: (stranger: Stranger, now: Date) => void;
  /** Hears which scopes of a token the actions needed that were admitted. It never waits. */
  used?: (token: VerifiedToken, scopes: ReadonlySet<string>, now: Date) => void;
};

/** What the door answers. */
export type AdmissionReply = {
  status: number;
  answer: Record<string, unknown>;
  retryAfterSeconds?: number | undefined;
  /** The agent, where at least one action was admitted now. */
  admittedFor: string | null;
};

/**
 * The path of an agent's actions through the layers, in order: identity, authorization, isolation, monitoring,
 * audit. The answer is given when everything that the request leaves behind is durable. A refusal is recorded
 * like a success; a retry of the same signed request gets the first answer again.
 *
 * @throws UnavailableError when the record cannot be written: then nothing was admitted.
 */
export async function admitAction(
  admission: Admission,
  request: AgentRequest,
  now: Date,
): Promise<AdmissionReply> {
  const { world } = admission;
  const caller = identifyConnection(world, request, now);
  if (!caller.ok) return turnAway(admission, request, caller.refusal, now);
  const told: Told = { agent: caller.agent, request, now, checks: [...caller.checks] };
  const refused = (refusal: RequestRefusal) => {
    const stranger = strangerOf(world, request, refusal.code);
    if (stranger) admission.stranger?.(stranger, now);
    return writeDown(admission, { ...told, token: refusal.token ?? told.token, refusal });
  };

  const inService = checkInService(world, caller.agent);
  if (!inService.ok) return refused(inService.refusal);
  told.checks.push(...inService.checks);

  const reports = checkReports(caller.agent);
  if (!reports.ok) return refused(reports.refusal);

  const signed = checkSignature(world, caller.agent, request, now);
  if (!signed.ok) return refused(signed.refusal);
  told.checks.push(...signed.checks);
  told.signature = signed.signature;

  const authorized = await authorizeRequest(world, caller, request, now);
  if (!authorized.ok) return refused(authorized.refusal);
  told.checks.push(...authorized.checks);
  told.token = authorized.token;
  told.policyVersion = world.policy().version;

  const reachable = checkIsolation(world, caller.agent, now);
  if (!reachable.ok) return refused(reachable.refusal);
  told.checks.push(...reachable.checks);

  const body = readActions(request);
  if (!body.ok) return refused(body.refusal);
  told.checks.push(...body.checks);
  told.actions = body.actions;

  const facts = { world, agent: caller.agent, token: authorized.token, now };
  told.judgement = judgeActions(facts, body.actions, request.sourceIp);
  return writeDown(admission, told);
}

/** A certificate that does not count: counted, or recorded where it was an agent's. */
async function turnAway(
  admission: Admission,
  request: AgentRequest,
  refusal: RequestRefusal,
  now: Date,
): Promise<AdmissionReply> {
  const known = admission.world.transportCredential(request.thumbprint);
  const agent = known && admission.world.agent(known.agentId);
  if (agent) return writeDown(admission, { agent, request, now, checks: [], refusal });
  admission.ledger.mayRecord(
    { agent: null, code: refusal.code, sourceIp: request.sourceIp, signed: false },
    now,
  );
  return uncounted(refusal);
}

async function writeDown(admission: Admission, told: Told): Promise<AdmissionReply> {
  const { agent, refusal, request, now } = told;
  const { ledger, signReceipt } = admission;
  const signed = told.signature !== undefined;
  if (refusal && !ledger.mayRecord({ agent, code: refusal.code, sourceIp: request.sourceIp, signed }, now))
    return uncounted(refusal);
  const entry = makeEntry(told, signReceipt);
  const outcome = await ledger.commit(entry);
  if (outcome.kind === "nonce-reused") return refuseNonce(admission, told);
  if (outcome.kind === "replayed")
    return { status: outcome.status, answer: outcome.answer, admittedFor: null };
  const { token, judgement } = told;
  if (token && judgement && entry.record.outcome !== "deny")
    admission.used?.(token, judgement.scopesUsed, now);
  return {
    status: entry.status,
    answer: entry.answer,
    retryAfterSeconds: refusal?.retryAfterSeconds,
    admittedFor: entry.record.outcome === "deny" ? null : agent.id,
  };
}

/** Somebody signed two requests with one nonce: the second is refused, and its refusal recorded apart. */
function refuseNonce(admission: Admission, told: Told): Promise<AdmissionReply> {
  const { agent, request, now, checks, signature } = told;
  const { refusal } = refuse(
    409,
    "nonce_reused",
    "This nonce was used for another request. Sign again with a fresh nonce.",
    { facts: { nonce: signature?.nonce ?? "" } },
  );
  return writeDown(admission, { agent, request, now, checks, refusal });
}

function uncounted({ status, code, message, facts, retryAfterSeconds }: RequestRefusal): AdmissionReply {
  return { status, answer: errorBody(code, message, facts), retryAfterSeconds, admittedFor: null };
}

function errorBody(code: string, message: string, facts: object = {}): Record<string, unknown> {
  return { error: { code, message, facts } };
}
