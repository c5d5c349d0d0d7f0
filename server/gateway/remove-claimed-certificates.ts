import type { IncomingMessage } from "node:http";

/** Fields in which a proxy tells of its client's certificate or connection (RFC 9440, Envoy, and our own of the latter). */
export const CLAIM_HEADERS = [
  "client-cert",
  "client-cert-chain",
  "x-forwarded-client-cert",
  "vigil-client-tls",
] as const;

/**
 * Takes these fields off a request, in every form in which Node holds them, so that nothing behind can believe them.
 *
 * @returns whether there were any.
 */
export function removeClaimedCertificates(request: IncomingMessage): boolean {
  const { headers } = request;
  if (!CLAIM_HEADERS.some((name) => name in headers)) return false;
  for (const name of CLAIM_HEADERS) {
    delete headers[name];
    delete request.headersDistinct[name];
  }
  const raw = request.rawHeaders;
  request.rawHeaders = raw.filter((_, index) => !isClaim(raw[index - (index % 2)] ?? ""));
  return true;
}

const isClaim = (name: string) => (CLAIM_HEADERS as readonly string[]).includes(name.toLowerCase());
