import type { z } from "zod";
import type { Database } from "../../../db/client.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { UnavailableError } from "../../kernel/errors.ts";
import { startStopwatch } from "../../kernel/stopwatch.ts";
import { readProposed } from "./check-document.ts";
import { currentPolicy } from "./current-policy.ts";
import { factsOf } from "./dry-run-facts.ts";
import {
  APPROVALS_MAX,
  approvalsIn,
  briefly,
  namesOfAgents,
  RECORDS_BATCH,
  type RecordRow,
  recordsBefore,
  type Span,
} from "./dry-run-store.ts";
import { DRY_RUN_DAYS, DRY_RUN_LINES_MAX, DRY_RUN_RECORDS_MAX, type DryRunResult } from "./dryrun-schema.ts";
import {
  type DryRun,
  judgeActions,
  judgeApproval,
  judgeToken,
  linesOf,
  startDryRun,
} from "./engine/dry-run.ts";
import { readDocument } from "./engine/read-document.ts";
import { grantLimits } from "./limits-schema.ts";
import type { ScopePolicy } from "./policy-schema.ts";
import { dryRunInput } from "./proposal-schema.ts";
import { proposalById } from "./proposal-store.ts";

const DAY_MS = 86_400_000;
/** A person waits for the answer: what was not read by then is said. */
const READING_MS_MAX = 20_000;
const TOO_SLOW = "The database took too long to answer.";

/** A process reads for so many at once; more would take the database from those who work with it. */
const AT_ONCE_MAX = 2;
let running = 0;

type Cut = DryRunResult["cut"];

/**
 * What would have been decided otherwise in the last seven days, had this policy counted: tokens, requests for
 * approvals and reported actions, judged anew from what was recorded. Reads in short batches, newest first, up to
 * a bound; where it does not read all, it says how far it went. Changes nothing.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `proposal_unknown`.
 * @throws InvalidInputError `policy_invalid`. @throws UnavailableError `policy_missing`, `dry_run_busy`.
 */
export async function dryRunPolicy(
  ctx: VerbContext,
  input: z.input<typeof dryRunInput>,
  bounds: { recordsMax: number; readingMsMax: number } = {
    recordsMax: DRY_RUN_RECORDS_MAX,
    readingMsMax: READING_MS_MAX,
  },
): Promise<DryRunResult> {
  requirePermission(ctx.actor, "approvals.read");
  const what = dryRunInput.parse(input);
  if (running >= AT_ONCE_MAX)
    throw new UnavailableError("dry_run_busy", "Others run a dry-run now. Try again in half a minute.");
  running++;
  try {
    return await tryOut(ctx, await policyToTry(ctx.db, what), bounds);
  } finally {
    running--;
  }
}

async function tryOut(
  { db, now }: VerbContext,
  policy: ScopePolicy,
  bounds: { recordsMax: number; readingMsMax: number },
): Promise<DryRunResult> {
  const span = { from: new Date(now.getTime() - DRY_RUN_DAYS * DAY_MS), to: now };
  const run = startDryRun(policy);
  const unread = await runApprovals(db, run, span);
  const { recordsRead, cut } = await runRecords(db, run, span, bounds);
  const { tokens, approvals, actions, shorterTokens } = run;
  return {
    ...span,
    ...{ recordsRead, recordsMax: bounds.recordsMax, cut: nearest(cut, unread) },
    ...{ tokens, approvals, actions, shorterTokens },
    ...linesOf(run, DRY_RUN_LINES_MAX),
  };
}

/** Of two places where reading ended, the later: only what is newer was read whole. */
function nearest(one: Cut, other: Cut): Cut {
  return one && other ? (one.at >= other.at ? one : other) : (one ?? other);
}

async function policyToTry(db: Database, what: z.output<typeof dryRunInput>): Promise<ScopePolicy> {
  if ("proposalId" in what) return readDocument((await proposalById(db, what.proposalId)).document);
  return readProposed(await currentPolicy(db), { document: what.document });
}

async function runRecords(
  db: Database,
  run: DryRun,
  span: Span,
  { recordsMax, readingMsMax }: { recordsMax: number; readingMsMax: number },
): Promise<{ recordsRead: number; cut: Cut }> {
  const clock = startStopwatch(span.to);
  const policies = new Map<number, ScopePolicy>();
  let last: RecordRow | null = null;
  let recordsRead = 0;
  for (;;) {
    const behind: RecordRow | null = last;
    const rows: RecordRow[] | null = await briefly(db, async (tx) => {
      const found = await recordsBefore(tx, span, behind);
      const { tokens, actions } = await factsOf(tx, found, policies);
      for (const fact of tokens) judgeToken(run, fact);
      for (const fact of actions) judgeActions(run, fact);
      return found;
    }).catch(unlessTooSlow);
    const at = last?.at ?? span.to;
    if (rows === null) return { recordsRead, cut: { at, why: TOO_SLOW } };
    recordsRead += rows.length;
    last = rows.at(-1) ?? last;
    if (rows.length < RECORDS_BATCH) return { recordsRead, cut: null };
    const reached = last?.at ?? at;
    if (recordsRead >= recordsMax)
      return { recordsRead, cut: { at: reached, why: `At most ${recordsMax} records are read.` } };
    if (clock().getTime() - span.to.getTime() > readingMsMax)
      return { recordsRead, cut: { at: reached, why: `Reading ends after ${readingMsMax / 1000} s.` } };
  }
}

async function runApprovals(db: Database, run: DryRun, span: Span): Promise<Cut> {
  const read = await briefly(db, async (tx) => {
    const found = await approvalsIn(tx, span);
    const ids = found.map(({ approval }) => approval.agentId);
    return { found, names: await namesOfAgents(tx, ids) };
  }).catch(unlessTooSlow);
  if (read === null) return { at: span.to, why: TOO_SLOW };
  const { found, names } = read;
  for (const { approval, approvedBy } of found) {
    const { id, agentId, scope, durationSeconds, status, requestedAt } = approval;
    const overdue = status === "pending" && approval.expiresAt <= span.to;
    judgeApproval(run, {
      ...{ id, at: requestedAt, scope, durationSeconds, approvedBy },
      agent: { id: agentId, name: names.get(agentId) ?? agentId },
      limits: grantLimits.nullable().parse(approval.limits),
      status: overdue ? "expired" : status,
    });
  }
  const oldest = found.at(-1)?.approval.requestedAt;
  return found.length === APPROVALS_MAX && oldest
    ? { at: oldest, why: `At most ${APPROVALS_MAX} requests for approvals are read.` }
    : null;
}

/** SQLSTATE 57014: the statement's time was over. Everything else is an error. */
function unlessTooSlow(error: unknown): null {
  const { code } = ((error as { cause?: unknown }).cause ?? error) as { code?: string };
  if (code === "57014") return null;
  throw error;
}
