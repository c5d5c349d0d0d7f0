/** An agent's transport certificate has about 700 bytes; nothing near this is one. */
const DER_BYTES_MAX = 4_096;
/** The longest text that can hold it: every character of a PEM text escaped. */
const HEADER_CHARS_MAX = 3 * 6_000;
const XFCC_KEYS = ["By", "Hash", "Cert", "Chain", "Subject", "URI", "DNS"];

/** The certificate that a hop names (DER), or why none was taken. */
export type ForwardedCertificate =
  | { ok: true; der: Buffer; hash: string | null }
  | { ok: false; code: string; message: string };

/**
 * Reads the certificate a trusted hop forwards, in one of two forms, each exactly once in a request: `Client-Cert` as
 * RFC 9440 §2.2 writes it (a structured field byte sequence), or Envoy's `X-Forwarded-Client-Cert` with `Cert=`.
 * Envoy's `Hash=` alone is no certificate: nothing could be verified again. A list means that somebody before the
 * hop sent the field as well, and that the hop did not replace it.
 *
 * @param fields every value of each field, as they came.
 */
export function readForwardedCertificate(fields: {
  clientCert: readonly string[];
  xfcc: readonly string[];
}): ForwardedCertificate {
  const { clientCert, xfcc } = fields;
  const values = [...clientCert, ...xfcc];
  const [value] = values;
  if (value === undefined || (values.length === 1 && value.trim() === ""))
    return no("certificate_missing", "The hop forwarded no client certificate.");
  if (values.length > 1)
    return no(
      "client_certificate_header_ambiguous",
      "The request names more than one client certificate. The hop must replace the field, not add to it.",
    );
  if (value.length > HEADER_CHARS_MAX) return tooLarge();
  return clientCert.length === 1 ? readByteSequence(value) : readXfcc(value);
}

function readByteSequence(value: string): ForwardedCertificate {
  if (value.includes(",")) return ambiguous();
  const base64 = /^:([A-Za-z0-9+/=]+):$/.exec(value)?.[1];
  return base64
    ? fromBase64(base64, null)
    : malformed("Client-Cert must be the certificate's DER in base64 between colons (RFC 9440).");
}

function readXfcc(value: string): ForwardedCertificate {
  const pairs = readPairs(value);
  if (pairs === "several") return ambiguous();
  if (pairs === null)
    return malformed("X-Forwarded-Client-Cert is not key=value pairs as Envoy writes them.");
  const certs = pairs.filter(([key]) => key === "Cert");
  const hash = pairs.find(([key]) => key === "Hash")?.[1] ?? null;
  const [[, escaped] = ["", ""]] = certs;
  if (escaped === "" && certs.length === 1)
    return no("certificate_missing", "The hop forwarded no client certificate.");
  if (certs.length === 0)
    return no(
      "client_certificate_header_insufficient",
      "X-Forwarded-Client-Cert has no Cert=: a hash cannot be verified again. Let the hop send the certificate.",
    );
  if (certs.length > 1) return ambiguous();
  const base64 = pemBody(escaped);
  return base64 ? fromBase64(base64, hash) : malformed("Cert= must be one URL-encoded PEM certificate.");
}

/** The pairs of the only element; `several` where there are more elements, null where it is not the format. */
function readPairs(value: string): [string, string][] | "several" | null {
  const pairs: [string, string][] = [];
  const pair = /([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;=\s]*))([;,]|$)/y;
  while (pair.lastIndex < value.length) {
    const match = pair.exec(value);
    const [, name = "", quoted, plain = "", end] = match ?? [];
    const key = XFCC_KEYS.find((known) => known.toLowerCase() === name.toLowerCase());
    if (!match || !key) return null;
    if (end === ",") return "several";
    pairs.push([key, quoted?.replace(/\\(.)/g, "$1") ?? plain]);
    if (end === "") break;
  }
  return pairs;
}

function pemBody(escaped: string): string | null {
  try {
    const pem = decodeURIComponent(escaped);
    const body = /^-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----\s*$/.exec(
      pem,
    );
    return body?.[1]?.replace(/[\r\n]/g, "") ?? null;
  } catch {
    return null;
  }
}

/** Base64 that decodes to these bytes in exactly one way: no other spelling passes. */
function fromBase64(base64: string, hash: string | null): ForwardedCertificate {
  const der = Buffer.from(base64, "base64");
  if (der.length > DER_BYTES_MAX) return tooLarge();
  if (der.toString("base64") !== base64) return malformed("The certificate is not well-formed base64.");
  return { ok: true, der, hash: hash?.toLowerCase() ?? null };
}

const no = (code: string, message: string) => ({ ok: false, code, message }) as const;
const malformed = (message: string) => no("client_certificate_header_malformed", message);
const ambiguous = () =>
  no(
    "client_certificate_header_ambiguous",
    "The field names more than one certificate. The hop must replace the field, not add to it.",
  );
const tooLarge = () =>
  no("client_certificate_header_oversize", `A forwarded certificate has at most ${DER_BYTES_MAX} bytes.`);
