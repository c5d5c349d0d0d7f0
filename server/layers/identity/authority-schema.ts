import { z } from "zod";
import { agentName, agentStatus, authorityStatus, ISSUERS, purpose } from "./schema.ts";

export const issuer = z.enum(ISSUERS);

/** Why an authority is prepared, tainted or revoked: read later by people who were not there. */
const reason = z
  .string()
  .trim()
  .max(500)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "plain text without control or invisible characters")
  .pipe(z.string().min(3, "say why, in a few words"));

export const prepareAuthorityInput = z.object({ purpose: issuer, reason });
export type PrepareAuthorityInput = z.input<typeof prepareAuthorityInput>;

const authorityId = z.uuid();
export const activateAuthorityInput = z.object({ authorityId });
export const taintAuthorityInput = z.object({ authorityId, reason });
export const revokeAuthorityInput = z.object({
  authorityId,
  reason,
  /** How many dependents the person saw and accepts to break; 0 where all have moved away. */
  acceptedBreaks: z.number().int().min(0).max(1_000_000),
});
export type ActivateAuthorityInput = z.input<typeof activateAuthorityInput>;
export type TaintAuthorityInput = z.input<typeof taintAuthorityInput>;
export type RevokeAuthorityInput = z.input<typeof revokeAuthorityInput>;

export const authorityView = z.object({
  id: z.uuid(),
  purpose: z.enum(["root", ...ISSUERS]),
  subject: z.string(),
  serial: z.string(),
  /** Subject key identifier, lower-case hex: the name of its revocation list. */
  keyId: z.string(),
  /** SHA-256 of the certificate's DER, lower-case hex. */
  fingerprint: z.string(),
  status: authorityStatus,
  notBefore: z.date(),
  notAfter: z.date(),
  createdAt: z.date(),
  activatedAt: z.date().nullable(),
  supersededAt: z.date().nullable(),
  taintedAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
  reason: z.string().nullable(),
  crlNumber: z.number().int(),
  crlAt: z.date().nullable(),
  crlNextUpdate: z.date().nullable(),
  /** Agents and doors whose newest certificate is of this authority. */
  dependents: z.number().int(),
});
export type AuthorityView = z.infer<typeof authorityView>;

export const authorityBoard = z.object({
  authorities: z.array(authorityView),
  /** Purposes for which an authority was asked for and waits for whoever holds the root. */
  waiting: z.array(z.object({ purpose: issuer, reason: z.string(), requestedAt: z.date() })),
});
export type AuthorityBoard = z.infer<typeof authorityBoard>;

export const listDependentsInput = z.object({
  authorityId,
  limit: z.number().int().min(1).max(200).default(50),
  /** Name of the last agent of the page before. */
  cursor: agentName.optional(),
});
export type ListDependentsInput = z.input<typeof listDependentsInput>;

export const dependent = z.object({
  agentName,
  agentStatus,
  purpose,
  thumbprint: z.string(),
  issuedAt: z.coerce.date(),
  notAfter: z.coerce.date(),
  lastSeenAt: z.coerce.date().nullable(),
});
export type Dependent = z.infer<typeof dependent>;

export const dependentPage = z.object({
  dependents: z.array(dependent),
  nextCursor: agentName.nullable(),
  total: z.number().int(),
});
export type DependentPage = z.infer<typeof dependentPage>;
