const SPIFFE_ID_BYTES_MAX = 2_048;
const TRUST_DOMAIN_CHARS_MAX = 255;

/** The parts of a SPIFFE id. */
export type SpiffeId = { trustDomain: string; path: string };

/**
 * Takes a SPIFFE id apart (SPIFFE-ID §2): lower-case trust domain of `[a-z0-9._-]`, path of non-empty segments of
 * `[a-zA-Z0-9._-]` none of which is `.` or `..`; no user, port, query, fragment or percent-encoding.
 *
 * @param text attacker-controlled.
 * @returns the parts, or a sentence that says what is wrong.
 */
export function readSpiffeId(text: string): SpiffeId | string {
  if (Buffer.byteLength(text) > SPIFFE_ID_BYTES_MAX)
    return `A SPIFFE id has at most ${SPIFFE_ID_BYTES_MAX} bytes.`;
  if (!text.startsWith("spiffe://")) return "A SPIFFE id starts with spiffe://, in lower case.";
  const [trustDomain = "", ...segments] = text.slice("spiffe://".length).split("/");
  if (!/^[a-z0-9._-]+$/.test(trustDomain) || trustDomain.length > TRUST_DOMAIN_CHARS_MAX)
    return "Its trust domain is not lower-case letters, digits, dots, hyphens and underscores.";
  if (segments.length === 0) return "It has no path, and so names no workload.";
  const wrong = segments.find(
    (segment) => !/^[a-zA-Z0-9._-]+$/.test(segment) || segment === "." || segment === "..",
  );
  if (wrong !== undefined) return "Its path holds a segment that is empty, a dot, or has other characters.";
  return { trustDomain, path: `/${segments.join("/")}` };
}
