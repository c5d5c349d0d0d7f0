/** The DER of every block of this label in a PEM text (RFC 7468), in order. What is between the blocks is passed over. */
export function derOf(text: string, label: "CERTIFICATE" | "X509 CRL"): Buffer[] {
  const block = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]*)-----END ${label}-----`, "g");
  return [...text.matchAll(block)].map(([, body = ""]) => Buffer.from(body.replace(/\s/g, ""), "base64"));
}
