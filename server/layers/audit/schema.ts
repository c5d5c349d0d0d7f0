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

/** A record that is not chained this long after its receipt is missing. */
export const CHAINED_WITHIN_MS = 60_000;

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

/** How far a record has come: committed, numbered in the chain, covered by a signed checkpoint. */
export const RECORD_STATES = ["durable", "chained", "provable"] as const;
export type RecordState = (typeof RECORD_STATES)[number];

export const RECORDS_PAGE_MAX = 200;

/** What the explorer asks for. Times are inclusive of `from`, exclusive of `to`; `search` is an exact value. */
export const listRecordsInput = z.object({
  agent: z.string().max(63).optional(),
  kind: z.string().max(80).optional(),
  outcome: z.enum(["allow", "deny", "partial"]).optional(),
  actor: z.string().max(200).optional(),
  /** A transaction id, a subject, a class of data, or a record's own id. */
  search: z.string().trim().min(1).max(200).optional(),
  from: z.coerce.date().optional(),
  to: z.coerce.date().optional(),
  /** What the page before gave as `nextCursor`. */
  cursor: z.string().max(80).optional(),
  limit: z.coerce.number().int().min(1).max(RECORDS_PAGE_MAX).default(50),
});
export type ListRecordsInput = z.infer<typeof listRecordsInput>;

export const recordRow = z.object({
  id: z.uuid(),
  kind: z.string(),
  at: z.date(),
  agent: z.object({ id: z.string(), name: z.string() }).nullable(),
  actor: z.string(),
  outcome: z.string().nullable(),
  /** `sha256:` and hex. */
  digest: z.string(),
  state: z.enum(RECORD_STATES),
  seq: z.number().int().nullable(),
});
export type RecordRow = z.infer<typeof recordRow>;

export const recordPage = z.object({ records: z.array(recordRow), nextCursor: z.string().nullable() });
export type RecordPage = z.infer<typeof recordPage>;

const hex = z.string();

/** One record with all that proves it. Hashes are hex; proofs are from the leaf up (RFC 6962). */
export const recordDetail = recordRow.extend({
  body: z.record(z.string(), z.unknown()),
  /** The canonical text that was hashed. */
  canonical: z.string(),
  /** Whether SHA-256 of `canonical` is the stored digest. */
  digestMatches: z.boolean(),
  chain: z
    .object({
      seq: z.number().int(),
      prevHash: hex,
      hash: hex,
      chainedAt: z.date(),
      /** The text whose SHA-256 is `hash`. */
      entryText: z.string(),
    })
    .nullable(),
  proof: z
    .object({
      leafIndex: z.number().int(),
      leafHash: hex,
      path: z.array(hex),
      /** Whether the path leads from the leaf to the checkpoint's root. */
      verifies: z.boolean(),
      checkpoint: z.object({
        size: z.number().int(),
        root: hex,
        note: z.string(),
        keyId: z.string(),
        at: z.date(),
      }),
    })
    .nullable(),
  payload: z
    .object({
      bytes: z.number().int(),
      /** The signed request's body as text, cut at 64 KiB. */
      text: z.string(),
      truncated: z.boolean(),
      /** The actions it carried, null where the bytes are not JSON. */
      actions: z.array(z.unknown()).nullable(),
      signatureBase: z.string(),
      signature: z.string(),
      keyId: z.string(),
    })
    .nullable(),
});
export type RecordDetail = z.infer<typeof recordDetail>;

export const startVerificationInput = z.object({
  fromSeq: z.number().int().min(1).default(1),
  /** Null: up to the head as it is when the run starts. */
  toSeq: z.number().int().min(1).nullable().default(null),
  withSignatures: z.boolean().default(true),
});
export type StartVerificationInput = z.infer<typeof startVerificationInput>;

export const verificationView = z.object({
  id: z.uuid(),
  requestedBy: z.string(),
  fromSeq: z.number().int(),
  toSeq: z.number().int().nullable(),
  withSignatures: z.boolean(),
  status: z.enum(["queued", "running", "clean", "findings", "failed"]),
  checked: z.number().int(),
  total: z.number().int(),
  /** Lowest number first: the first is the first bad record. */
  findings: z.array(finding),
  /** What was checked and what was not, in sentences. */
  statement: z.array(z.string()),
  requestedAt: z.date(),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
  error: z.string().nullable(),
});
export type VerificationView = z.infer<typeof verificationView>;

/** The chain at a glance. `critical` is why the worker refuses to extend it; null when it does not. */
export const chainStateView = z.object({
  durable: z.number().int(),
  chained: z.number().int(),
  provable: z.number().int(),
  unchained: z.number().int(),
  /** When the oldest record that is not chained yet was stamped. */
  oldestUnchainedAt: z.date().nullable(),
  headHash: z.string().nullable(),
  chainedAt: z.date().nullable(),
  checkpoint: z
    .object({ size: z.number().int(), root: z.string(), at: z.date(), keyId: z.string() })
    .nullable(),
  critical: z.string().nullable(),
  /** A transaction that holds the sequence up, named; null when none does. */
  holdup: z.string().nullable(),
  lastVerification: verificationView.nullable(),
});
export type ChainStateView = z.infer<typeof chainStateView>;
