import type { LiveAgent, RequestRefusal } from "../flows/admit-action/world.ts";
import { VigilError } from "../kernel/errors.ts";
import type { Denials } from "./denials.ts";

/**
 * Counts the refusal of a caller who has no business here, and gives it as an error.
 *
 * @param asked the request, with the address it came from.
 * @param agent whose certificate it was, or null where it was nobody's.
 */
export function refuseCaller(
  deps: { denials: Denials },
  asked: { sourceIp: string },
  agent: LiveAgent | null,
  { code, status, message, facts }: RequestRefusal,
  now: Date,
): VigilError {
  deps.denials.count({ agent, code, sourceIp: asked.sourceIp }, now);
  return new VigilError(code, status, message, facts);
}
