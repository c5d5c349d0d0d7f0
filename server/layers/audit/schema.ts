import { z } from "zod";

export const RECORD_VERSION = 1;

/**
 * What every audit record holds, in its canonical form. Members that do not apply are left out. The format
 * carries its version from the first record on; what is hashed here survives the erasure of payloads.
 */
export const auditRecordBody = z.object({
  v: z.literal(RECORD_VERSION),
  id: z.uuid(),
  /** What happened: `agent.actions`, `token.issued`, `approval.voted`, `agent.contained` … */
  kind: z.string(),
  /** When Vigil stamped it, ISO 8601 with Z. */
  timestamp: z.string(),
  actor: z.object({ type: z.enum(["operator", "agent", "system"]), id: z.string(), name: z.string() }),
  onBehalfOf: z.string().optional(),
  agentId: z.string().optional(),
  /** The seed's fields, of the actions the record covers. */
  actions: z.record(z.string(), z.number()).optional(),
  transactionIds: z.array(z.string()).optional(),
  dataAccessed: z.array(z.string()).optional(),
  outcome: z.enum(["allow", "deny", "partial"]).optional(),
  confidence: z.number().optional(),
  /** Why it was decided so: the checks of the decision. */
  checks: z.array(z.object({ id: z.string(), passed: z.boolean(), detail: z.string() })).optional(),
  grantIds: z.array(z.string()).optional(),
  approvalId: z.string().optional(),
  policyVersion: z.number().int().optional(),
  trace: z.string().optional(),
  /** For a signed request: how many actions, the Merkle root of their salted commitments, and the payload's digest. */
  request: z
    .object({
      count: z.number().int(),
      admitted: z.number().int(),
      actionsRoot: z.string(),
      contentDigest: z.string(),
      signatureDigest: z.string(),
      keyId: z.string(),
      nonce: z.string(),
      tokenId: z.string(),
    })
    .optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

export type AuditRecordBody = z.infer<typeof auditRecordBody>;

export const FINDING_CLASSES = [
  "edit",
  "delete",
  "insert",
  "reorder",
  "cut-tail",
  "fork",
  "clock",
  "wrong-key",
  "bad-agent-signature",
] as const;

/** One finding of a verification: a range of records, what was done to it, and how that shows. */
export const finding = z.object({
  class: z.enum(FINDING_CLASSES),
  fromSeq: z.number().int(),
  toSeq: z.number().int(),
  recordId: z.string().nullable(),
  detail: z.string(),
});
export type Finding = z.infer<typeof finding>;
