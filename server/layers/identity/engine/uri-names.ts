import "reflect-metadata";
import { SubjectAlternativeNameExtension, X509Certificate } from "@peculiar/x509";

/**
 * The URIs among a certificate's alternative names, each as it stands in the DER: a text that lists them can be made
 * to look like another by a name with commas in it.
 *
 * @param der of a certificate that was verified.
 */
export function uriNames(der: Uint8Array<ArrayBuffer>): string[] {
  const names = new X509Certificate(der).getExtension(SubjectAlternativeNameExtension)?.names.items ?? [];
  return names.flatMap(({ type, value }) => (type === "url" ? [value] : []));
}
