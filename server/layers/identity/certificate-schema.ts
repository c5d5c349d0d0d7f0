import { z } from "zod";
import { purpose } from "./schema.ts";

/** A named check of a certificate, as the engine said it. */
export const certificateCheck = z.object({ id: z.string(), passed: z.boolean(), detail: z.string() });

/** What a certificate says of itself, decoded. */
export const certificateFields = z.object({
  subject: z.string(),
  issuer: z.string(),
  /** Octets in hex, as they stand. */
  serial: z.string(),
  notBefore: z.date(),
  notAfter: z.date(),
  /** `URI:…`, `DNS:…`. */
  names: z.array(z.string()),
  keyUsage: z.array(z.string()),
  extendedKeyUsage: z.array(z.string()),
  authority: z.boolean(),
  pathLength: z.number().int().nullable(),
  key: z.string(),
  signature: z.string(),
  authorityKeyId: z.string().nullable(),
  subjectKeyId: z.string().nullable(),
  /** SHA-256 of the DER: hex, and base64url as in `x5t#S256`. */
  thumbprintHex: z.string(),
  thumbprint: z.string(),
});
export type CertificateFields = z.infer<typeof certificateFields>;

/** The newest certificate of a purpose, with every check of its chain. */
export const certificateReport = z.object({
  purpose,
  outcome: z.enum(["allow", "deny"]),
  checks: z.array(certificateCheck),
  /** Null where it cannot be read. */
  certificate: certificateFields.nullable(),
});
export type CertificateReport = z.infer<typeof certificateReport>;

export const agentCertificates = z.object({
  checkedAt: z.date(),
  /** In the order of the purposes; what was never issued is not there. */
  reports: z.array(certificateReport),
});
export type AgentCertificates = z.infer<typeof agentCertificates>;
