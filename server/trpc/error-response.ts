import { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { log } from "../access/log.ts";
import { VigilError } from "../kernel/errors.ts";
import { type PublicError, publicError, toTrpcError } from "./errors.ts";

const RETRY_AFTER_SECONDS = 5;

/** The REST form of an error: `{code, message, facts, issues?}` with its status. Unknown errors leak nothing. */
export function errorResponse(error: unknown, path: string): Response {
  const wrapped =
    error instanceof TRPCError
      ? error
      : new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "failed", cause: error });
  const mapped = toTrpcError(wrapped, log, path);
  const status =
    mapped.cause instanceof VigilError ? mapped.cause.status : getHTTPStatusCodeFromError(mapped);
  return publicErrorResponse(publicError(mapped), status);
}

function publicErrorResponse(error: PublicError, status: number): Response {
  const headers: Record<string, string> = { "cache-control": "no-store" };
  if (status === 401) headers["www-authenticate"] = 'Bearer realm="vigil"';
  if (status === 503 || status === 429) headers["retry-after"] = String(RETRY_AFTER_SECONDS);
  return Response.json(error, { status, headers });
}
