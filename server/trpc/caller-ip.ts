/**
 * The caller's address, as far as it can be known: the last hop that is not one of the configured proxies.
 * Without configured proxies it is unknown, since X-Forwarded-For is then whatever the caller writes.
 */
export function callerIp(headers: Headers, trustedProxies: readonly string[]): string | null {
  if (trustedProxies.length === 0) return null;
  const hops = (headers.get("x-forwarded-for") ?? "")
    .split(",")
    .map((hop) => hop.trim().replace(/^::ffff:/, ""))
    .filter(Boolean);
  const caller = hops.findLast((hop) => !trustedProxies.includes(hop));
  return caller && caller.length <= 45 && /^[0-9a-fA-F.:]+$/.test(caller) ? caller : null;
}
