const BELOW = "/*";
/**
 * What a server might read as another path than the text says: `..`, `.`, nothing between slashes, escapes of these;
 * a `;`, behind which some servers see parameters and drop them.
 */
const AMBIGUOUS = /(^|\/)(\.{0,2})(\/|$)|\\|;|%(00|2e|2f|5c|25|3b)/i;
const QUERY = /[?#].*$/s;

/**
 * Whether a pattern covers what an action names: the same text, or below it where the pattern ends in `/*`. Below
 * `/accounts/17/*` is neither `/accounts/17` nor `/accounts/17/../18`, nor that in any spelling. Case matters.
 */
export function coversResource(pattern: string, named: string): boolean {
  return pattern.endsWith(BELOW) ? isBelow(pattern, named) : pattern === named;
}

/** Whether every name that `inner` covers is covered by `outer`. */
export function isWithin(inner: string, outer: string): boolean {
  if (inner === outer) return true;
  if (!inner.endsWith(BELOW)) return coversResource(outer, inner);
  return outer.endsWith(BELOW) && isBelow(outer, inner.slice(0, -BELOW.length));
}

/** An address is a path or a URL: where an action states its endpoint, that is what an address is compared with. */
export function isAddress(pattern: string): boolean {
  return pattern.startsWith("/") || pattern.includes("://");
}

function isBelow(pattern: string, named: string): boolean {
  const folder = pattern.slice(0, -1);
  if (!named.startsWith(folder)) return false;
  // Letters that look like these to a server that normalises are these.
  const below = named.slice(folder.length).normalize("NFKC");
  return !AMBIGUOUS.test(below.replace(QUERY, ""));
}
