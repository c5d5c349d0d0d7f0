import type { RuleAlert } from "../../layers/monitoring/engine/action-rules.ts";
import type { Slice } from "../../layers/monitoring/engine/slice.ts";

/** Everything that one request leaves behind, written in one transaction or not at all. */
export type Entry = {
  agentId: string;
  at: Date;
  /** What makes a retry the same request; null where the signature was not proved. */
  nonce: { keyId: string; nonce: string; digest: Buffer } | null;
  status: number;
  answer: Record<string, unknown>;
  record: {
    id: string;
    kind: string;
    actor: string;
    outcome: "allow" | "deny" | "partial";
    body: Buffer;
    digest: Buffer;
  };
  payload: {
    bytes: Buffer;
    encoding: "identity" | "deflate-raw";
    signatureBase: string;
    signature: Buffer;
    keyId: string;
    salt: Buffer;
  } | null;
  /** Search keys that lead to the record. */
  index: { kind: "transaction" | "subject" | "data"; value: string }[];
  slices: { sliceMs: number; slice: Slice }[];
  alerts: RuleAlert[];
  /** The version of the rules that asked for them. */
  rulesVersion: number;
};

/** What became of an entry: written, or the nonce was there already, with the same request or with another. */
export type CommitOutcome =
  | { kind: "written" }
  | { kind: "replayed"; status: number; answer: Record<string, unknown> }
  | { kind: "nonce-reused" };
