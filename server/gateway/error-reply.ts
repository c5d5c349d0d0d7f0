import { VigilError } from "../kernel/errors.ts";
import { challengeOf } from "./challenge.ts";

const RETRY_AFTER_SECONDS = 1;
/** SQLSTATEs and socket errors that say: the database is away, not the request wrong. */
const AWAY = /^(08|53|57P|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/;

export type ErrorReply = { status: number; headers: Record<string, string>; body: object };

/**
 * An error as the agents' doors answer it. What is not meant for the caller says nothing of itself.
 *
 * @param authorization that field of the request, so that the challenge says whether its token is to blame.
 */
export function errorReply(error: unknown, authorization?: string): ErrorReply {
  const { code, status, message, facts } = asVigilError(error);
  const challenge = challengeOf({ status, code, message }, authorization);
  return {
    status,
    headers: {
      ...(status === 503 ? { "retry-after": String(RETRY_AFTER_SECONDS) } : {}),
      ...(challenge ? { "www-authenticate": challenge } : {}),
    },
    body: { error: { code, message, facts } },
  };
}

function asVigilError(error: unknown): VigilError {
  if (error instanceof VigilError) return error;
  if (isDatabaseAway(error))
    return new VigilError("database_away", 503, "The database is away, so nothing is admitted. Try again.");
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return new VigilError("body_too_large", 413, "The body is larger than this route takes.");
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
    return new VigilError("unsupported_media_type", 415, "This route does not take that content type.");
  if (statusCode && statusCode >= 400 && statusCode < 500)
    return new VigilError("malformed_request", statusCode, "The request is malformed.");
  return new VigilError("internal", 500, "Something failed inside Vigil; it is in the log.");
}

function isDatabaseAway(error: unknown): boolean {
  const cause = ((error as { cause?: unknown }).cause ?? error) as { code?: string; message?: string };
  return (
    AWAY.test(cause.code ?? "") ||
    /timeout exceeded when trying to connect|Connection terminated/.test(cause.message ?? "")
  );
}
