/** Set by the console's server over whatever the caller sent: the address of the connection itself. */
export const PEER_HEADER = "x-vigil-peer";

/**
 * The caller's address, as far as it can be known: the connection's own; where that is one of the configured
 * proxies, the last hop before them. What a caller writes into X-Forwarded-For is believed from a proxy alone.
 */
export function callerIp(headers: Headers, trustedProxies: readonly string[]): string | null {
  const peer = plain(headers.get(PEER_HEADER) ?? "");
  const hops = (headers.get("x-forwarded-for") ?? "").split(",").map(plain).filter(Boolean);
  const caller = trustedProxies.includes(peer) ? hops.findLast((hop) => !trustedProxies.includes(hop)) : peer;
  return caller && caller.length <= 45 && /^[0-9a-fA-F.:]+$/.test(caller) ? caller : null;
}

function plain(address: string): string {
  return address.trim().replace(/^::ffff:/, "");
}
