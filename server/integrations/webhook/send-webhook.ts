import http from "node:http";
import https from "node:https";
import type { AttemptResult } from "../outbox/plan-attempt.ts";
import { checkedLookup, explainFailure, RefusedAddress, refuseLiteral } from "./checked-lookup.ts";
import { signDelivery } from "./sign-delivery.ts";

export type WebhookTarget = { url: string; secret: string; allowPrivate: boolean };

const ATTEMPT_MS_MAX = 5_000;

/** Answers that blame the message itself; any other failure blames the receiver or the way to it. */
const REFUSALS: readonly number[] = [400, 413, 415, 422];

/**
 * Posts one signed message, once. Every address the name resolves to is checked, and the connection goes to
 * one of those that were checked; redirects are not followed, proxies of the environment not used, and the
 * answer's body is not read.
 *
 * @returns how it ended: this never throws.
 */
export async function sendWebhook(
  target: WebhookTarget,
  message: { id: string; body: string; now: Date },
): Promise<AttemptResult> {
  try {
    const status = await post(target, message);
    if (status >= 200 && status < 300) return { delivered: true };
    return {
      delivered: false,
      error: `The receiver answered ${status}.`,
      refused: REFUSALS.includes(status),
    };
  } catch (error) {
    return { delivered: false, error: explainFailure(error, ATTEMPT_MS_MAX), refused: false };
  }
}

function post(target: WebhookTarget, message: { id: string; body: string; now: Date }): Promise<number> {
  const url = new URL(target.url);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new RefusedAddress("only http and https are used");
  refuseLiteral(url, target.allowPrivate);
  const send = url.protocol === "https:" ? https.request : http.request;
  const bytes = Buffer.from(message.body);
  return new Promise((done, fail) => {
    const request = send(
      url,
      {
        method: "POST",
        agent: false,
        lookup: checkedLookup(target.allowPrivate),
        signal: AbortSignal.timeout(ATTEMPT_MS_MAX),
        headers: {
          "Content-Type": "application/json",
          "Content-Length": bytes.length,
          "User-Agent": "Vigil",
          "Vigil-Delivery": message.id,
          "Vigil-Signature": signDelivery(target.secret, message.body, message.now),
        },
      },
      (response) => {
        response.destroy();
        done(response.statusCode ?? 0);
      },
    );
    request.on("error", fail);
    request.end(bytes);
  });
}
