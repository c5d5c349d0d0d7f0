import { z } from "zod";
import { policyChange } from "./change-schema.ts";
import {
  approverGroup,
  breakGlassRule,
  CLIENT_AUTH_METHODS,
  scopePolicy,
  scopeRule,
} from "./policy-schema.ts";

/** A proposal that nobody decides ends after this. */
export const PROPOSAL_OPEN_MS = 7 * 86_400_000;
export const POLICY_REASON_CHARS_MAX = 1_000;
export const VERSIONS_PAGE_MAX = 100;

const reason = z
  .string()
  .max(POLICY_REASON_CHARS_MAX)
  .regex(/^(?:[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\n)*$/u, "plain text without control or invisible characters")
  .transform((text) => text.normalize("NFC").trim())
  .refine((text) => text.length >= 3, "at least 3 characters");

const version = z.coerce.number().int().positive().max(2_147_483_647);

/** A policy as somebody sends it: judged by the verb, which names what is wrong with it. */
const sentPolicy = z.record(z.string(), z.unknown());

/** What changes and nothing else: scopes and groups by name, the rest by field. */
export const policyPatch = z
  .object({
    set: z
      .object({
        mediumTrustAbove: z.number(),
        tokenSecondsMax: z.number(),
        approvalOpenSeconds: z.number(),
        reaskAfterSeconds: z.number(),
        clientAuth: z.array(z.enum(CLIENT_AUTH_METHODS)),
        breakGlass: breakGlassRule,
      })
      .partial()
      .strict()
      .optional(),
    scopes: z
      .object({ put: z.array(scopeRule).max(500), remove: z.array(z.string()).max(500) })
      .partial()
      .strict()
      .optional(),
    approverGroups: z
      .object({ put: z.array(approverGroup).max(50), remove: z.array(z.string()).max(50) })
      .partial()
      .strict()
      .optional(),
  })
  .strict();
export type PolicyPatch = z.infer<typeof policyPatch>;

const proposed = z.object({ baseVersion: version, reason });

/** The whole policy, or what changes in its base; never both. */
export const proposePolicyInput = z.union([
  proposed.extend({ document: sentPolicy }).strict(),
  proposed.extend({ patch: policyPatch }).strict(),
]);
export type ProposePolicyInput = z.input<typeof proposePolicyInput>;

export const previewPolicyInput = z.object({ document: sentPolicy });

export const withdrawProposalInput = z.object({ id: z.uuid() });

export const decideProposalInput = z.object({
  id: z.uuid(),
  /** Digest of the proposal as it was seen: the decision counts for nothing else. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, "the digest shown with the proposal"),
  decision: z.enum(["approve", "reject"]),
  reason,
});
export type DecideProposalInput = z.input<typeof decideProposalInput>;

export const PROPOSAL_STATUSES = ["pending", "approved", "rejected", "withdrawn", "expired"] as const;

const check = z.object({ id: z.string(), passed: z.boolean(), detail: z.string() });
const person = z.object({ id: z.string(), name: z.string() });

export const proposalView = z.object({
  id: z.uuid(),
  baseVersion: z.number().int(),
  digest: z.string(),
  reason: z.string(),
  proposedBy: person,
  proposedAt: z.date(),
  expiresAt: z.date(),
  status: z.enum(PROPOSAL_STATUSES),
  decidedBy: person.nullable(),
  decidedAt: z.date().nullable(),
  decisionReason: z.string().nullable(),
  /** The version that it became. */
  version: z.number().int().nullable(),
  document: scopePolicy,
  changes: z.array(policyChange),
  /** Grants that live now and would end with it, because their scope goes or is guarded more. */
  endsGrants: z.number().int(),
  /** Requests that wait and would have to be asked anew. */
  endsRequests: z.number().int(),
  /** Why the viewer may or may not approve, check by check. */
  mayApprove: z.object({ allowed: z.boolean(), checks: z.array(check) }),
  mayWithdraw: z.boolean(),
  /** Names of the accounts that the changes name, by id. */
  people: z.record(z.string(), z.string()),
});
export type ProposalView = z.infer<typeof proposalView>;

export const listProposalsInput = z.object({
  status: z.enum(PROPOSAL_STATUSES).optional(),
  limit: z.coerce.number().int().min(1).max(50).default(20),
});

export const policyVersionRow = z.object({
  version: z.number().int(),
  createdBy: person,
  /** Null for the version that the set-up wrote. */
  approvedBy: person.nullable(),
  reason: z.string().nullable(),
  createdAt: z.date(),
  /** SHA-256 of the canonical document, as the audit record of the change names it. */
  digest: z.string(),
});
export type PolicyVersionRow = z.infer<typeof policyVersionRow>;

export const listVersionsInput = z.object({
  limit: z.coerce.number().int().min(1).max(VERSIONS_PAGE_MAX).default(50),
  /** Versions below this one. */
  before: version.optional(),
});

export const policyVersionInput = z.object({ version });
export const policyVersionView = policyVersionRow.extend({ document: scopePolicy });
export const diffVersionsInput = z.object({ from: version, to: version });

/** The policy that counts now, with how much of it is in use. */
export const currentPolicyView = policyVersionView.extend({
  /** Agents that hold a live grant, by scope. */
  holders: z.record(z.string(), z.number().int()),
  /** Names of the accounts that the policy names, by id; one that is gone is missing. */
  people: z.record(z.string(), z.string()),
});
export type CurrentPolicyView = z.infer<typeof currentPolicyView>;

/** A proposal, or a policy that was not proposed yet. */
export const dryRunInput = z.union([
  z.object({ proposalId: z.uuid() }).strict(),
  z.object({ document: sentPolicy }).strict(),
]);
