import { randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { rootOfCanonical } from "../../kernel/actions-root.ts";
import { actorRecord } from "../../kernel/actor.ts";
import { canonicalBytes, type Json } from "../../kernel/canonical.ts";
import type { Check } from "../../kernel/decision.ts";
import { sha256, sha256Label } from "../../kernel/hash.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { type AuditRecordBody, CHAINED_WITHIN_MS, RECORD_VERSION } from "../../layers/audit/schema.ts";
import type { Refusal } from "../../layers/monitoring/action.ts";
import type { Entry } from "./entry.ts";
import type { Signature } from "./identify-caller.ts";
import type { Judgement } from "./judge-actions.ts";
import type { ReadAction } from "./read-actions.ts";
import type { AgentRequest, LiveAgent, RequestRefusal, VerifiedToken } from "./world.ts";

const SALT_BYTES = 32;
/** Under this, deflating costs more than it saves. */
const DEFLATE_FROM_BYTES = 1_024;

/** What is known of a request when its record is written; what was not reached is absent. */
export type Told = {
  agent: LiveAgent;
  request: AgentRequest;
  now: Date;
  checks: Check[];
  signature?: Signature | undefined;
  token?: VerifiedToken | undefined;
  policyVersion?: number | undefined;
  actions?: readonly ReadAction[] | undefined;
  judgement?: Judgement | undefined;
  refusal?: RequestRefusal | undefined;
};

/** The receipt of a record: what the gateway signs, so that a record which vanishes before it is chained is provable. */
export type ReceiptClaims = { recordId: string; recordDigest: string; at: string; chainedBy: string };
export type SignReceipt = (claims: ReceiptClaims) => string;

/** Makes the audit record, the answer with its signed receipt, and all else that one request leaves behind. */
export function makeEntry(told: Told, signReceipt: SignReceipt): Entry {
  const { agent, now, actions = [], judgement, signature } = told;
  const salt = randomBytes(SALT_BYTES);
  const refused = judgement?.refused ?? [];
  const admitted = judgement ? actions.length - refused.length : 0;
  const outcome = admitted === 0 ? "deny" : refused.length > 0 ? "partial" : "allow";
  const id = uuidv7(now.getTime());
  const body = canonicalBytes(recordBody(told, { id, outcome, admitted, salt }) as Json);
  const digest = sha256(body);
  const receipt = signReceipt({
    recordId: id,
    recordDigest: `sha256:${digest.toString("hex")}`,
    at: now.toISOString(),
    chainedBy: new Date(now.getTime() + CHAINED_WITHIN_MS).toISOString(),
  });
  const { status, answer } = answerOf(told.refusal, refused, admitted, receipt);
  return {
    agentId: agent.id,
    at: now,
    nonce: signature
      ? { keyId: signature.keyId, nonce: signature.nonce, digest: sha256(signature.base) }
      : null,
    status,
    answer,
    record: { id, kind: "agent.actions", actor: agent.name, outcome, body, digest },
    payload: signature ? payloadOf(told.request, signature, salt) : null,
    index: judgement ? searchKeys(actions) : [],
    slices: judgement?.slices ?? [],
    alerts: judgement?.alerts ?? [],
    rulesVersion: judgement?.rulesVersion ?? 0,
  };
}

function recordBody(
  told: Told,
  made: { id: string; outcome: Entry["record"]["outcome"]; admitted: number; salt: Buffer },
): AuditRecordBody {
  const { agent, request, now, signature, token, actions = [], refusal } = told;
  const readable = actions.flatMap((it) => ("action" in it ? [it.action] : []));
  const confidences = readable.flatMap((it) => (it.confidence === undefined ? [] : [it.confidence]));
  const principals = new Set(readable.map((it) => it.onBehalfOf));
  return {
    v: RECORD_VERSION,
    id: made.id,
    kind: "agent.actions",
    timestamp: now.toISOString(),
    actor: actorRecord({ type: "agent", id: agent.id, name: agent.name, did: agent.did }),
    onBehalfOf: principals.size === 1 ? [...principals][0] : undefined,
    agentId: agent.did,
    actions: readable.length > 0 ? countsBy(readable.map((it) => it.action)) : undefined,
    transactionIds: distinct(readable.flatMap((it) => it.transactionId ?? [])),
    dataAccessed: distinct(readable.flatMap((it) => it.dataAccessed ?? [])),
    outcome: made.outcome,
    // The lowest that the agent stated: what an investigator looks for.
    confidence: confidences.length > 0 ? Math.min(...confidences) : undefined,
    checks: [...told.checks, ...(refusal?.checks ?? []), ...refusedChecks(told.judgement?.refused ?? [])],
    grantIds: token && token.grantIds.length > 0 ? [...token.grantIds] : undefined,
    policyVersion: told.policyVersion,
    trace: request.trace,
    request: signature && {
      count: actions.length,
      admitted: made.admitted,
      actionsRoot: `sha256:${rootOfCanonical(
        made.salt,
        actions.map((it) => it.canonical),
      ).toString("hex")}`,
      contentDigest: sha256Label(request.body),
      signatureDigest: sha256Label(signature.signature),
      keyId: signature.keyId,
      nonce: signature.nonce,
      tokenId: token?.jti ?? "",
    },
    details: {
      sourceIp: request.sourceIp,
      ...(refusal ? { code: refusal.code } : {}),
      ...(told.judgement?.refused.length ? { refusedPlaces: placesOf(told.judgement.refused) } : {}),
    },
  };
}

function answerOf(
  refusal: RequestRefusal | undefined,
  refused: readonly Refusal[],
  admitted: number,
  receipt: string,
): { status: number; answer: Record<string, unknown> } {
  const rest = { receipt, admitted, refused };
  if (refusal) {
    const { status, code, message, facts = {} } = refusal;
    return { status, answer: { error: { code, message, facts }, ...rest } };
  }
  if (admitted > 0) return { status: 202, answer: rest };
  const [first] = refused;
  const message = `Every action was refused. The first: ${first?.reason ?? ""}`;
  return { status: 403, answer: { error: { code: first?.code ?? "", message, facts: {} }, ...rest } };
}

function payloadOf(request: AgentRequest, signature: Signature, salt: Buffer): Entry["payload"] {
  const raw = Buffer.from(request.body);
  const deflate = raw.length >= DEFLATE_FROM_BYTES;
  return {
    bytes: deflate ? deflateRawSync(raw, { level: 1 }) : raw,
    encoding: deflate ? "deflate-raw" : "identity",
    signatureBase: signature.base,
    signature: signature.signature,
    keyId: signature.keyId,
    salt,
  };
}

function searchKeys(actions: readonly ReadAction[]): Entry["index"] {
  const keys = new Map<string, Entry["index"][number]>();
  const add = (kind: Entry["index"][number]["kind"], value: string) =>
    keys.set(`${kind} ${value}`, { kind, value });
  for (const read of actions) {
    if (!("action" in read)) continue;
    if (read.action.transactionId) add("transaction", read.action.transactionId);
    for (const subject of read.action.subjects ?? []) add("subject", subject);
    for (const data of read.action.dataAccessed ?? []) add("data", data);
  }
  return [...keys.values()];
}

/** One failed check for each reason, saying how many actions it refused. */
function refusedChecks(refused: readonly Refusal[]): Check[] {
  const byCode = Map.groupBy(refused, (it) => it.code);
  return [...byCode].map(([code, all]) => ({
    id: code,
    passed: false,
    detail: `${all.length} refused (places ${ranges(all.map((it) => it.index))}). The first: ${all[0]?.reason ?? ""}`,
  }));
}

/** Which of the request's actions were refused: what the rules are tried on later needs it. */
function placesOf(refused: readonly Refusal[]): string {
  return ranges(refused.map((it) => it.index).sort((a, b) => a - b));
}

/** `0-3, 7` for 0 1 2 3 7. */
function ranges(places: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const place of places) {
    const last = runs[runs.length - 1];
    if (last && last[1] === place - 1) last[1] = place;
    else runs.push([place, place]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}

function countsBy(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function distinct(values: readonly string[]): string[] | undefined {
  return values.length > 0 ? [...new Set(values)] : undefined;
}
