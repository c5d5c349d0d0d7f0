import { setTimeout as wait } from "node:timers/promises";
import type { Database } from "../../../db/client.ts";
import { readHead } from "./chain-store.ts";
import { anchorsOf } from "./engine/check-checkpoint.ts";
import { checkRecord } from "./engine/check-record.ts";
import type { TreeResult } from "./engine/check-tree.ts";
import type { Findings } from "./engine/findings.ts";
import { verificationStatement } from "./engine/verification-statement.ts";
import { walkChain } from "./engine/walk-chain.ts";
import {
  anchorsBeyond,
  openVerification,
  type VerificationScope,
  type VerifyOptions,
} from "./open-verification.ts";
import { type Chunk, readChunk } from "./read-chunk.ts";
import { CHAINED_WITHIN_MS, type Finding } from "./schema.ts";
import { readCheckpoints, readWaiting } from "./verification-store.ts";
import { createSignatureCheck } from "./verify-signatures.ts";

const SECOND_LOOK_MS = 1_000;

/** What a verification found. `empty` is not `clean`: nothing was there to verify. */
export type VerificationReport = {
  outcome: "clean" | "findings" | "empty";
  checked: number;
  fromSeq: number;
  toSeq: number;
  headSeq: number;
  /** How many entries signed checkpoints prove. */
  provableSize: number;
  signaturesChecked: number;
  /** Lowest number first: the first is the first bad record. */
  findings: Finding[];
  /** What was checked and what was not, in sentences. */
  statement: string[];
};

type Waiting = Awaited<ReturnType<typeof readWaiting>> & { headSeq: number; stands: boolean };
type Walked = { checked: number; signaturesChecked: number; tree: TreeResult };

/**
 * Verifies the log straight from PostgreSQL: every record, entry, link and signed root of a range, and every
 * agent's signature. It returns all findings and never throws on bad data; it throws when it cannot read.
 */
export async function verifyLog(db: Database, options: VerifyOptions): Promise<VerificationReport> {
  const scope = await openVerification(db, options);
  const walked = await walkRange(db, scope, options);
  const waiting = await lookBehind(db);
  if (scope.toSeq === scope.head.seq) reportLeftBehind(scope.findings, waiting);
  const findings = scope.findings.list();
  return {
    outcome: findings.length > 0 ? "findings" : walked.checked === 0 ? "empty" : "clean",
    checked: walked.checked,
    fromSeq: options.fromSeq,
    toSeq: scope.toSeq,
    headSeq: scope.head.seq,
    provableSize: walked.tree.matchedSize,
    signaturesChecked: walked.signaturesChecked,
    findings,
    statement: statementOf(scope, options, walked, waiting),
  };
}

/** Walks the range chunk by chunk; the next is read while the present one is checked. */
async function walkRange(db: Database, scope: VerificationScope, options: VerifyOptions): Promise<Walked> {
  const { start, toSeq, head, verifiers, findings } = scope;
  const walk = walkChain(start, findings);
  const signatures = createSignatureCheck(db, findings);
  const toHead = toSeq === head.seq;
  walk.meet(scope.copies.anchors.filter(({ size }) => size > start.seq && (toHead || size <= toSeq)));
  let checked = 0;
  let chunk = await readChunk(db, start.seq, toSeq, start.place);
  for (let anchored = start.seq; chunk.rows.length > 0; ) {
    const next = readChunk(db, chunk.lastSeq, toSeq, chunk.place);
    next.catch(() => undefined);
    const stated = await readCheckpoints(db, anchored, chunk.lastSeq);
    walk.meet(anchorsOf(stated, verifiers, anchored, findings));
    anchored = chunk.lastSeq;
    takeChunk(scope, chunk, walk, options.withSignatures ? signatures : null);
    await signatures.settle();
    checked += chunk.rows.length;
    options.onProgress?.(checked, toSeq - start.seq);
    chunk = await next;
  }
  if (toHead) walk.meet(anchorsBeyond(scope));
  distrustCopies(scope);
  return { checked, signaturesChecked: signatures.checked(), tree: walk.end() };
}

function takeChunk(
  { dids, findings }: VerificationScope,
  chunk: Chunk,
  walk: ReturnType<typeof walkChain>,
  signatures: ReturnType<typeof createSignatureCheck> | null,
): void {
  for (const { recordId, seq } of chunk.unchained)
    findings.add({
      class: "insert",
      fromSeq: seq,
      toSeq: seq,
      recordId,
      detail: "A record lies before this entry that was never chained, though later ones were.",
    });
  for (const { record, ...entry } of chunk.rows) {
    if (!record) {
      walk.take({ ...entry, record: null });
      continue;
    }
    const { problem, request } = checkRecord(record, (id) => dids.get(id));
    walk.take({ ...entry, record: { ...record, problem } });
    if (signatures && request)
      signatures.expect({
        seq: entry.seq,
        recordId: record.id,
        agentId: record.agentId,
        atMs: record.atMs,
        request,
      });
    else if (!request && !problem) signatures?.expectNone({ seq: entry.seq, recordId: record.id });
  }
}

/** A copy that no known key signed proves nothing; that is no clean bill, for the keys may have been replaced. */
function distrustCopies({ copies, head, findings }: VerificationScope): void {
  if (copies.untrusted > 0)
    findings.add({
      class: "wrong-key",
      fromSeq: 1,
      toSeq: Math.max(1, head.seq),
      recordId: null,
      detail: `${copies.untrusted} checkpoints of the copy outside the database are signed by no known key.`,
    });
}

/**
 * What lies behind the chain's end. Where it seems to lie there for long, a second look tells a chain that stands
 * still from one whose writers' clocks are behind: that one has moved on meanwhile.
 */
async function lookBehind(db: Database): Promise<Waiting> {
  const look = async () => {
    const { head } = await readHead(db);
    return { headSeq: head.seq, ...(await readWaiting(db, head)) };
  };
  const first = await look();
  if (!isLate(first)) return { ...first, stands: false };
  await wait(SECOND_LOOK_MS);
  const second = await look();
  return { ...second, stands: isLate(second) && second.headSeq === first.headSeq };
}

/** A receipt promises a place in the chain within a minute: what waits longer is held by no hash and no signature. */
function isLate({ oldestSeconds }: { oldestSeconds: number | null }): boolean {
  return oldestSeconds !== null && oldestSeconds * 1_000 > CHAINED_WITHIN_MS;
}

function reportLeftBehind(findings: Findings, { headSeq, count, oldestSeconds, stands }: Waiting): void {
  if (!stands) return;
  findings.add({
    class: "cut-tail",
    fromSeq: headSeq + 1,
    toSeq: headSeq + count,
    recordId: null,
    detail: `The chain ends at ${headSeq}, yet ${count} records lie behind it, the oldest for ${Math.round(oldestSeconds ?? 0)} s: the sequencer stands still, or the end of the chain was taken off.`,
  });
}

function statementOf(
  { head, toSeq, start, verifiers, copies, findings }: VerificationScope,
  options: VerifyOptions,
  { checked, signaturesChecked, tree }: Walked,
  waiting: Waiting,
): string[] {
  return verificationStatement({
    toSeq,
    headSeq: head.seq,
    anchoredAt: start.seq,
    checked,
    tree,
    keysFrom: options.trustedKeys ? "given" : "database",
    keyIds: verifiers.map(({ keyId }) => keyId),
    copies: {
      given: options.copies !== null,
      used: copies.anchors.length,
      untrusted: copies.untrusted,
    },
    signatures: { checked: signaturesChecked, asked: options.withSignatures },
    waiting,
    dropped: findings.dropped(),
  });
}
