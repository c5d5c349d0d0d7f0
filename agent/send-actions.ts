import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { signRequest } from "../server/kernel/http-signature.ts";
import { type Action, type AdmissionAnswer, admissionAnswer } from "../server/layers/monitoring/action.ts";
import { type DoorAnswer, refusalOf } from "./answer.ts";
import type { Connection, Sending } from "./connection.ts";
import { AgentError } from "./errors.ts";
import type { Clock } from "./follow-clock.ts";
import type { Credential } from "./state.ts";
import { untilServed } from "./until-served.ts";

/** A signature counts for 60 s; after this the same one is not sent again. */
const SAME_SIGNATURE_MS_MAX = 50_000;
const NONCE_BYTES = 18;
const PAUSE_MS = 1_000;
/** A gateway hears of a renewed credential a moment later: at most its one re-read a second. */
const NOT_HEARD_YET = new Set(["signature_key_unknown", "certificate_unknown"]);
const NEWS_PAUSE_MS = 300;
const NEWS_TRIES_MAX = 4;

/** What sending needs of the agent; read again for each signature, since keys and tokens are renewed. */
export type Sender = {
  url: string;
  signature: () => Credential;
  connection: () => Connection;
  bearer: () => Promise<string>;
  dropTokens: () => void;
  now: () => Date;
  clock: Clock;
  signal: AbortSignal;
};

/**
 * Reports actions in one signed request. After a lost connection or a 503 the same bytes, nonce and
 * signature are sent again, so that they count once. After a 429 or a token that ended, nothing was
 * admitted, and the request is signed anew. `Retry-After` is honoured.
 *
 * @param patienceMs how long to keep trying.
 * @returns also where every action was refused; `refused` says why for each.
 * @throws AgentError the code of a refusal of the whole request, `unreachable`, or `outcome_unknown` where
 *   it may or may not have been admitted.
 */
export async function sendActions(
  sender: Sender,
  actions: readonly Action[],
  patienceMs: number,
): Promise<AdmissionAnswer> {
  const body = Buffer.from(JSON.stringify(actions));
  const until = new Date(sender.now().getTime() + patienceMs);
  let tokenTries = 0;
  let newsTries = 0;
  let clockTries = 0;
  for (;;) {
    const answer = await sendSigned(sender, body, until);
    const parsed = admissionAnswer.safeParse(answer.body);
    if (parsed.success && (answer.status === 202 || parsed.data.refused.length > 0)) return parsed.data;
    const refusal = refusalOf(answer);
    if (answer.status === 401 && isTokenRefusal(refusal.code) && tokenTries++ === 0) {
      sender.dropTokens();
      continue;
    }
    // The refusal said what time it is.
    if (refusal.facts.check === "signature-fresh" && clockTries++ === 0) continue;
    if (NOT_HEARD_YET.has(refusal.code) && newsTries++ < NEWS_TRIES_MAX) {
      await wait(NEWS_PAUSE_MS, undefined, { signal: sender.signal });
      continue;
    }
    const pauseMs = answer.retryAfterMs ?? PAUSE_MS;
    if (answer.status !== 429 || sender.now().getTime() + pauseMs > until.getTime()) throw refusal;
    await wait(pauseMs, undefined, { signal: sender.signal });
  }
}

/** Signs once, and sends those very bytes until an answer other than 503 comes. */
async function sendSigned(sender: Sender, body: Buffer, until: Date): Promise<DoorAnswer> {
  const sending = await signedRequest(sender, body);
  const signedAt = sender.now();
  const last = new Date(Math.min(until.getTime(), signedAt.getTime() + SAME_SIGNATURE_MS_MAX));
  const patience = { until: last, now: sender.now, signal: sender.signal };
  return untilServed(() => sender.connection().send(sending), patience).catch(unknown);
}

async function signedRequest(sender: Sender, body: Buffer): Promise<Sending> {
  const headers = { authorization: `Bearer ${await sender.bearer()}`, "content-type": "application/json" };
  const { privateKey, keyId } = sender.signature();
  const signed = signRequest(
    { method: "POST", targetUri: sender.url, headers, body },
    { privateKey, keyId, nonce: randomBytes(NONCE_BYTES).toString("base64url"), created: sender.clock.now() },
  );
  return { method: "POST", url: sender.url, headers: { ...headers, ...signed }, body };
}

function unknown(error: unknown): never {
  if (!(error instanceof AgentError) || error.code !== "unreachable") throw error;
  throw new AgentError(
    "outcome_unknown",
    0,
    `${error.message} Whether the actions were admitted is not known; the audit log tells.`,
  );
}

function isTokenRefusal(code: string): boolean {
  return code === "invalid_token" || code.startsWith("token_");
}
