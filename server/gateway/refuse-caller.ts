import type { FastifyRequest } from "fastify";
import type { LiveAgent, RequestRefusal } from "../flows/admit-action/world.ts";
import { VigilError } from "../kernel/errors.ts";
import type { Denials } from "./denials.ts";

/**
 * Counts the refusal of a caller who has no business here, and gives it as an error.
 *
 * @param agent whose certificate it was, or null where it was nobody's.
 */
export function refuseCaller(
  deps: { denials: Denials },
  request: FastifyRequest,
  agent: LiveAgent | null,
  { code, status, message, facts }: RequestRefusal,
  now: Date,
): VigilError {
  const sourceIp = request.raw.socket.remoteAddress ?? "unknown";
  deps.denials.count({ agent, code, sourceIp }, now);
  return new VigilError(code, status, message, facts);
}
