import { randomUUID } from "node:crypto";
import { TRPCError } from "@trpc/server";
import type { Logger } from "pino";
import { ZodError } from "zod";
import { describeError } from "../kernel/describe-error.ts";
import { type ErrorFacts, InvalidInputError, UnavailableError, VigilError } from "../kernel/errors.ts";

/** What a client learns of an error, under `data.vigil` and in REST bodies. Codes are stable; messages are for people. */
export type PublicError = {
  code: string;
  message: string;
  facts: ErrorFacts;
  issues?: { path: string; message: string }[];
};

type TrpcCode = TRPCError["code"];

const CODE_BY_STATUS: Record<number, TrpcCode> = {
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  409: "CONFLICT",
  413: "PAYLOAD_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
  429: "TOO_MANY_REQUESTS",
  503: "SERVICE_UNAVAILABLE",
};

/** PostgreSQL and socket codes that mean: the database is away, or ending what we do; later may work. */
const AWAY = /^(08...|57P0[1-5]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND)$/;

/** Serialisation failure and deadlock: the same call again will most likely pass. */
const AGAIN = /^(40001|40P01)$/;

/** A value that no column takes (SQLSTATE class 22): out of range, malformed, or with a NUL character. */
const BAD_VALUE = /^22(003|007|008|021|P02|P05)$/;

/**
 * The one mapping from what a verb threw to what a browser or script sees. A VigilError keeps its code and
 * message; malformed input names its fields; anything else is logged under an id, and only the id leaves.
 */
export function toTrpcError(error: TRPCError, log: Logger, path: string): TRPCError {
  const cause = error.cause;
  if (cause instanceof VigilError) return wrap(cause);
  if (error.code !== "INTERNAL_SERVER_ERROR") return error;
  const code = databaseCode(cause);
  if (code && (AWAY.test(code) || /timeout exceeded when trying to connect/.test(cause?.message ?? "")))
    return wrap(
      new UnavailableError("database_unavailable", "The database does not answer. Try again in a moment."),
    );
  if (code && AGAIN.test(code))
    return wrap(
      new VigilError("busy", 409, "Somebody changed the same thing at the same moment. Try again."),
    );
  if (code && BAD_VALUE.test(code)) {
    log.warn({ path, causes: describeError(cause) }, "the database refused a value");
    return wrap(new InvalidInputError("invalid_input", "A value is out of range or malformed."));
  }
  const id = randomUUID();
  log.error({ errorId: id, path, causes: describeError(cause ?? error) }, "a procedure failed");
  return wrap(
    new VigilError("internal", 500, `Something failed on the server. Its log holds the cause under ${id}.`, {
      errorId: id,
    }),
  );
}

/** The public face of an error that reached the formatter. */
export function publicError(error: TRPCError): PublicError {
  const cause = error.cause;
  if (cause instanceof VigilError) return { code: cause.code, message: cause.message, facts: cause.facts };
  if (error.code === "BAD_REQUEST" && cause instanceof ZodError) {
    const issues = cause.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
    const first = issues[0];
    const message = first
      ? `${first.path ? `${first.path}: ` : ""}${first.message}`
      : "The input is not what this call takes.";
    return { code: "invalid_input", message, facts: {}, issues };
  }
  if (error.code === "INTERNAL_SERVER_ERROR")
    return { code: "internal", message: "Something failed on the server.", facts: {} };
  return { code: error.code.toLowerCase(), message: error.message, facts: {} };
}

function wrap(cause: VigilError): TRPCError {
  return new TRPCError({
    code: CODE_BY_STATUS[cause.status] ?? "INTERNAL_SERVER_ERROR",
    message: cause.message,
    cause,
  });
}

/** SQLSTATE or errno of the innermost cause; drizzle wraps the driver's error. */
function databaseCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at && depth < 5; depth++) {
    const { code, cause, message } = at as { code?: unknown; cause?: unknown; message?: string };
    if (typeof code === "string") return code;
    if (/timeout exceeded when trying to connect|Connection terminated/.test(message ?? "")) return "08006";
    at = cause;
  }
  return undefined;
}
