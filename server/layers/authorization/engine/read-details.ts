import { InvalidInputError } from "../../../kernel/errors.ts";
import { parseStrictJson } from "../../../kernel/strict-json.ts";
import { askedDetails, type IssuedDetail, issuedDetail } from "../details-schema.ts";
import { type Limits, readLimits } from "./narrow-limits.ts";

/**
 * The parameter `authorization_details` (RFC 9396 §2) as limits by scope.
 *
 * @param location the only place that an entry may name: this gateway.
 * @returns the limits, or the sentence that says what is wrong with the text.
 */
export function readAskedDetails(text: string, location: string): ReadonlyMap<string, Limits> | string {
  const value = readJson(text);
  if (typeof value === "string") return value;
  const read = askedDetails.safeParse(value.json);
  if (!read.success) {
    const [issue] = read.error.issues;
    return `authorization_details ${place(issue?.path ?? [])}: ${plain(issue?.message ?? "malformed")}`;
  }
  const asked = new Map<string, Limits>();
  for (const [index, { actions, locations = [location], amount, resources }] of read.data.entries()) {
    if (locations.some((it) => !isSamePlace(it, location)))
      return `authorization_details entry ${index}: locations must be ${location} alone.`;
    for (const scope of actions) {
      if (asked.has(scope)) return `authorization_details name ${scope} twice.`;
      asked.set(scope, readLimits({ amount, resources }));
    }
  }
  return asked;
}

/** What a token carries of its grants' limits; null where none of them has any. */
export function writeDetails(
  granted: readonly { scope: string; grantIds: readonly string[]; limits: Limits }[],
): IssuedDetail[] | null {
  const details = granted.flatMap(({ scope, grantIds: [grantId = ""], limits }) =>
    limits
      ? [issuedDetail.parse({ type: "agent_action", actions: [scope], grant_id: grantId, ...limits })]
      : [],
  );
  return details.length > 0 ? details : null;
}

function readJson(text: string): { json: unknown } | string {
  try {
    return { json: parseStrictJson(text) };
  } catch (error) {
    if (error instanceof InvalidInputError) return `authorization_details: ${plain(error.message)}`;
    throw error;
  }
}

function isSamePlace(one: string, other: string): boolean {
  return URL.canParse(one) && new URL(one).href === new URL(other).href;
}

function place(path: readonly PropertyKey[]): string {
  const [index, ...members] = path;
  const entry = index === undefined ? "as a whole" : `entry ${String(index)}`;
  return plain([entry, ...members.map(String)].join(" "));
}

/** RFC 6749 §5.2: an error's description has no quote, no backslash and nothing beyond ASCII. */
function plain(text: string): string {
  return text
    .replace(/["\\]/g, "'")
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, 300);
}
