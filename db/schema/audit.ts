import { sql } from "drizzle-orm";
import {
  bigint,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea, instant, xid8 } from "./columns.ts";

/** Audit records: inserted in the transaction of the change they tell of, and never touched again. */
export const auditRecords = pgTable(
  "audit_records",
  {
    id: uuid("id").primaryKey(),
    /** The transaction that wrote it: what the sequencer orders by. */
    xid: xid8("xid").notNull().default(sql`pg_current_xact_id()`),
    ord: bigint("ord", { mode: "number" }).notNull().generatedAlwaysAsIdentity(),
    /** `agent.actions`, `token.issued`, `approval.voted` … */
    kind: text("kind").notNull(),
    at: instant("at").notNull(),
    agentId: uuid("agent_id"),
    actor: text("actor").notNull(),
    /** `allow`, `deny`, `partial`, or null where nothing was decided. */
    outcome: text("outcome"),
    /** The record itself: RFC 8785 canonical JSON, UTF-8. */
    body: bytea("body").notNull(),
    /** SHA-256 of `body`. */
    digest: bytea("digest").notNull(),
  },
  (t) => [
    index("audit_records_in_order").on(t.xid, t.ord),
    index("audit_records_by_agent").on(t.agentId, t.at),
    index("audit_records_by_at").on(t.at, t.id),
    index("audit_records_by_kind").on(t.kind, t.at),
  ],
);

/**
 * The agent's exact bytes and signature, compressed; the record's body holds their digest. Written in one statement
 * with its record and, like it, never changed: a foreign key would check again what verification proves.
 */
export const auditPayloads = pgTable("audit_payloads", {
  recordId: uuid("record_id").primaryKey(),
  bytes: bytea("bytes").notNull(),
  /** `identity` or `deflate-raw`. */
  encoding: text("encoding").notNull(),
  /** What the signature covered: the RFC 9421 signature base. */
  signatureBase: text("signature_base").notNull(),
  signature: bytea("signature").notNull(),
  keyId: text("key_id").notNull(),
  /** Secret salt of the per-action commitments. */
  salt: bytea("salt").notNull(),
});

/** The chain: the one sequencer gives each record its number and hash. The primary key is its compare-and-swap. */
export const auditChain = pgTable("audit_chain", {
  seq: bigint("seq", { mode: "number" }).primaryKey(),
  recordId: uuid("record_id")
    .notNull()
    .unique()
    .references(() => auditRecords.id),
  /** The record's place in commit order, so that the next batch starts behind it. */
  xid: xid8("xid").notNull(),
  ord: bigint("ord", { mode: "number" }).notNull(),
  prevHash: bytea("prev_hash").notNull(),
  hash: bytea("hash").notNull(),
  chainedAt: instant("chained_at").notNull(),
  /** Fencing epoch of the sequencer's lease. */
  epoch: bigint("epoch", { mode: "number" }).notNull(),
});

export const auditCheckpoints = pgTable("audit_checkpoints", {
  /** How many entries the tree holds. */
  size: bigint("size", { mode: "number" }).primaryKey(),
  root: bytea("root").notNull(),
  /** The C2SP signed note. */
  note: text("note").notNull(),
  /** Compact range of the tree at this size, 32 bytes a node, left to right. */
  frontier: bytea("frontier").notNull(),
  keyId: text("key_id").notNull(),
  at: instant("at").notNull(),
  epoch: bigint("epoch", { mode: "number" }).notNull(),
});

/** Search by transaction and subject: a projection, rebuilt from the records at will. */
export const auditIndex = pgTable(
  "audit_index",
  {
    /** `transaction`, `subject` or `data`. */
    kind: text("kind").notNull(),
    value: text("value").notNull(),
    recordId: uuid("record_id").notNull(),
    at: instant("at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.kind, t.value, t.recordId] })],
);

/** One nonce of one key is one request: the same digest again gets the first receipt, another is refused. */
export const requestNonces = pgTable(
  "request_nonces",
  {
    agentId: uuid("agent_id").notNull(),
    keyId: text("key_id").notNull(),
    nonce: text("nonce").notNull(),
    /** SHA-256 over the signature base: the request as signed. */
    digest: bytea("digest").notNull(),
    status: integer("status").notNull(),
    /** The answer as it was given, receipt included. */
    answer: jsonb("answer").notNull(),
    at: instant("at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.agentId, t.keyId, t.nonce] }), index("request_nonces_by_at").on(t.at)],
);

export const verificationRuns = pgTable("verification_runs", {
  id: uuid("id").primaryKey(),
  requestedBy: text("requested_by").notNull(),
  fromSeq: bigint("from_seq", { mode: "number" }).notNull(),
  toSeq: bigint("to_seq", { mode: "number" }),
  withSignatures: integer("with_signatures").notNull().default(1),
  /** `queued`, `running`, `clean`, `findings` or `failed`. */
  status: text("status").notNull().default("queued"),
  checked: bigint("checked", { mode: "number" }).notNull().default(0),
  total: bigint("total", { mode: "number" }).notNull().default(0),
  findings: jsonb("findings").notNull().default([]),
  /** What was checked and what was not, in words. */
  statement: jsonb("statement").notNull().default([]),
  requestedAt: instant("requested_at").notNull(),
  startedAt: instant("started_at"),
  finishedAt: instant("finished_at"),
  error: text("error"),
});

/** Public keys that signed checkpoints and receipts, with their time; old ones still verify what they signed. */
export const auditKeys = pgTable(
  "audit_keys",
  {
    /** Signed-note key id (C2SP), hex. */
    keyId: text("key_id").primaryKey(),
    name: text("name").notNull(),
    /** `checkpoint` or `receipt`. */
    purpose: text("purpose").notNull(),
    publicJwk: jsonb("public_jwk").notNull(),
    validFrom: instant("valid_from").notNull(),
    validTo: instant("valid_to"),
  },
  (t) => [uniqueIndex("audit_keys_purpose").on(t.purpose, t.keyId)],
);
