import { createHmac, timingSafeEqual } from "node:crypto";

/** How far a signature's time may lie from ours (Standard Webhooks, "Verifying webhook authenticity"). */
export const WEBHOOK_SECONDS_MAX = 300;
const SIGNATURES_MAX = 10;
/** Without dots: what is signed joins id, time and body by dots, and must part in one way alone. */
const ID = /^[\x21-\x2d\x2f-\x7e]+$/;

export type WebhookHeaders = { id: string | null; timestamp: string | null; signature: string | null };
export type WebhookVerdict =
  | { ok: true; id: string }
  | { ok: false; code: "signature_missing" | "signature_late" | "signature_invalid"; message: string };

/**
 * Whether one of these secrets signed exactly these bytes just now: HMAC-SHA-256 over `id.timestamp.body`
 * (standardwebhooks.com). Every secret and signature is compared, each in constant time.
 *
 * @param headers attacker-controlled. @param secrets `whsec_` and the key in base64; all that count now.
 */
export function verifyStandardWebhook(
  secrets: readonly string[],
  headers: WebhookHeaders,
  body: Uint8Array,
  now: Date,
): WebhookVerdict {
  const { id, timestamp, signature } = headers;
  if (!id || !timestamp || !signature)
    return no(
      "signature_missing",
      "Sign the request: webhook-id, webhook-timestamp and webhook-signature (standardwebhooks.com).",
    );
  if (id.length > 200 || !ID.test(id) || !/^\d{1,12}$/.test(timestamp) || signature.length > 2_000)
    return no(
      "signature_invalid",
      "webhook-id, webhook-timestamp (seconds since 1970) or webhook-signature is malformed.",
    );
  if (Math.abs(now.getTime() / 1_000 - Number(timestamp)) > WEBHOOK_SECONDS_MAX)
    return no(
      "signature_late",
      `webhook-timestamp is more than ${WEBHOOK_SECONDS_MAX} seconds from this server's clock. Sign it anew.`,
    );
  const shown = signature.split(" ").slice(0, SIGNATURES_MAX).flatMap(signatureOf);
  let holds = false;
  for (const secret of secrets) {
    const expected = createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.`).update(body).digest();
    for (const one of shown) holds = timingSafeEqual(one, expected) || holds;
  }
  return holds
    ? { ok: true, id }
    : no(
        "signature_invalid",
        "No signature holds for these bytes. Sign the exact body with the secret that was shown.",
      );
}

/** The `webhook-signature` of a body. */
export function signStandardWebhook(
  secret: string,
  id: string,
  now: Date,
  body: Uint8Array | string,
): string {
  const signed = createHmac("sha256", keyOf(secret))
    .update(`${id}.${Math.floor(now.getTime() / 1_000)}.`)
    .update(body);
  return `v1,${signed.digest("base64")}`;
}

const keyOf = (secret: string) => Buffer.from(secret.replace(/^whsec_/, ""), "base64");

function signatureOf(text: string): Buffer[] {
  const bytes = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(text)?.[1];
  return bytes ? [Buffer.from(bytes, "base64")] : [];
}

const no = (code: Extract<WebhookVerdict, { ok: false }>["code"], message: string): WebhookVerdict => ({
  ok: false,
  code,
  message,
});
