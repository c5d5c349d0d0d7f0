import https from "node:https";
import type { TLSSocket } from "node:tls";
import { CALLBACK_MEDIA_TYPE } from "../../kernel/callback.ts";
import { base64url, sha256 } from "../../kernel/hash.ts";
import type { AttemptResult } from "../outbox/plan-attempt.ts";
import { checkedLookup, explainFailure, RefusedAddress, refuseLiteral } from "../webhook/checked-lookup.ts";

export type CallbackTarget = {
  url: string;
  /** The name in the agent's callback certificate: asked for and checked, whatever the URL's host is. */
  host: string;
  /** base64url SHA-256 of the callback certificates of this agent that count now. */
  thumbprints: readonly string[];
  /** The one authority that is believed, PEM. */
  rootPem: string;
};

const ATTEMPT_MS_MAX = 5_000;
const REFUSALS: readonly number[] = [400, 413, 415, 422];

/**
 * Posts a sealed message to an agent's callback server, once. The server must show a live callback certificate of this
 * very agent; a revoked one, another agent's and one of another purpose get nothing.
 *
 * @returns how it ended: this never throws.
 */
export async function sendCallback(target: CallbackTarget, body: string): Promise<AttemptResult> {
  try {
    const status = await post(target, Buffer.from(body));
    if (status >= 200 && status < 300) return { delivered: true };
    return { delivered: false, error: `The agent answered ${status}.`, refused: REFUSALS.includes(status) };
  } catch (error) {
    return { delivered: false, error: explainFailure(error, ATTEMPT_MS_MAX), refused: false };
  }
}

function post(target: CallbackTarget, bytes: Buffer): Promise<number> {
  const url = new URL(target.url);
  if (url.protocol !== "https:") throw new RefusedAddress("only https is used");
  refuseLiteral(url, true);
  return new Promise((done, fail) => {
    const request = https.request(
      url,
      {
        method: "POST",
        agent: false,
        // Agents are inside the bank; link-local and metadata addresses are refused all the same.
        lookup: checkedLookup(true),
        ca: target.rootPem,
        servername: target.host,
        minVersion: "TLSv1.3",
        signal: AbortSignal.timeout(ATTEMPT_MS_MAX),
        headers: {
          "Content-Type": CALLBACK_MEDIA_TYPE,
          "Content-Length": bytes.length,
          "User-Agent": "Vigil",
        },
      },
      (response) => {
        response.destroy();
        done(response.statusCode ?? 0);
      },
    );
    request.on("error", fail);
    request.on("socket", (socket) => {
      socket.once("secureConnect", () => {
        const shown = (socket as TLSSocket).getPeerX509Certificate();
        const thumbprint = shown && base64url(sha256(shown.raw));
        if (!thumbprint || !target.thumbprints.includes(thumbprint))
          return request.destroy(
            Object.assign(new Error("not its certificate"), { code: "CALLBACK_CERTIFICATE" }),
          );
        request.end(bytes);
      });
    });
  });
}
