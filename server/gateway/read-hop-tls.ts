import type { Negotiated } from "../layers/identity/connection-schema.ts";

const FIELD =
  /^(SSLv3|TLSv1(?:\.[1-3])?) ([A-Z0-9][A-Za-z0-9_-]{0,63}) ([A-Za-z0-9_.:-]{0,32}) ([r.]) (\d{1,9})$/;

/**
 * Reads `Vigil-Client-TLS`, in which a hop says how its client's connection was made; nginx writes it as
 * `$ssl_protocol $ssl_cipher $ssl_curve $ssl_session_reused $connection_requests`.
 *
 * @returns null where it is absent or malformed; `isFirst` where it is the connection's first request, which counts it.
 */
export function readHopTls(
  values: readonly string[],
): { negotiated: Negotiated & { resumed: boolean }; isFirst: boolean } | null {
  const match = values.length === 1 ? FIELD.exec(values[0] ?? "") : null;
  if (!match) return null;
  const [, version = "", cipher = "", keyExchange = "", reused, requests] = match;
  return { negotiated: { version, cipher, keyExchange, resumed: reused === "r" }, isFirst: requests === "1" };
}
