import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { AgentError } from "../errors.ts";

const BODY_BYTES_MAX = 64 * 1024;
const TOKEN_CHARS_MAX = 16_384;
export const CALLS_PATH = "/v1/calls";
export const PEER_PATH = "/v1/peer";

export const peerCallBody = z.strictObject({
  action: z.string().min(1).max(128),
  /** What the call is about; the handler's affair. */
  body: z.unknown().optional(),
});

/** A request as its parts: read only when the caller is known. Everything in it is attacker-controlled. */
export type CallRequest = {
  /** `call`, `peer`, or null where there is nothing at this method and path. */
  route: "call" | "peer" | null;
  /** @throws AgentError `token_missing`. */
  token: () => string;
  /** @throws AgentError `call_malformed`, `body_too_large`. */
  read: () => Promise<z.infer<typeof peerCallBody>>;
};

export function readCall(request: IncomingMessage): CallRequest {
  const { method, url } = request;
  const route =
    method === "POST" && url === CALLS_PATH ? "call" : method === "GET" && url === PEER_PATH ? "peer" : null;
  return {
    route,
    token: () => bearerOf(request.headersDistinct.authorization),
    read: async () => {
      const parsed = peerCallBody.safeParse(await readJson(request));
      if (!parsed.success) throw new AgentError("call_malformed", 400, "A call is {action, body?}.");
      return parsed.data;
    },
  };
}

/** One bearer token (RFC 6750 §2.1); two headers are two stories. */
function bearerOf(headers: string[] | undefined): string {
  const [, token] =
    /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(headers?.length === 1 ? (headers[0] ?? "") : "") ?? [];
  if (!token || token.length > TOKEN_CHARS_MAX)
    throw new AgentError("token_missing", 401, "The call carries no access token (Authorization: Bearer …).");
  return token;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX)
      throw new AgentError("body_too_large", 413, `A call has at most ${BODY_BYTES_MAX} bytes.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw new AgentError("call_malformed", 400, "The call's body is not JSON.");
  }
}
