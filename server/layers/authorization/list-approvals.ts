import { and, asc, desc, eq, gt, lt, lte, ne, or, type SQL } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { approvals } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { loadApprovalViews } from "./load-approval-views.ts";
import {
  type ApprovalPage,
  type ApprovalStatus,
  type ListApprovalsInput,
  listApprovalsInput,
} from "./schema.ts";
import { type ApprovalRow, agentByReference, countPending } from "./store.ts";

/** Requests are listed open ones first, the next to expire on top; behind them the rest, newest first. */
const CURSOR = /^(open|rest)\.([0-9a-f-]{36})?$/;

/**
 * A page of requests for approval, as the caller sees them.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws InvalidInputError `cursor_unknown`.
 */
export async function listApprovals(ctx: VerbContext, input: ListApprovalsInput): Promise<ApprovalPage> {
  requirePermission(ctx.actor, "approvals.read");
  const { limit, status, agent, cursor } = listApprovalsInput.parse(input);
  const [, section = "open", after] = cursor ? (CURSOR.exec(cursor) ?? []) : ["", "open"];
  if (cursor && !CURSOR.test(cursor))
    throw new InvalidInputError("cursor_unknown", "The cursor is none that this list gave.");
  const agentId = agent ? (await agentByReference(ctx.db, agent)).id : null;
  const rows: ApprovalRow[] = [];
  if (section === "open") rows.push(...(await openOnes(ctx, { agentId, status, after, limit: limit + 1 })));
  if (rows.length <= limit)
    rows.push(
      ...(await theRest(ctx, {
        ...{ agentId, status },
        after: section === "rest" ? after : undefined,
        limit: limit + 1 - rows.length,
      })),
    );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    approvals: await loadApprovalViews(ctx.db, shown, ctx),
    pending: await countPending(ctx.db, ctx.now),
    nextCursor: rows.length > limit && last ? `${isOpen(last, ctx.now) ? "open" : "rest"}.${last.id}` : null,
  };
}

type Wanted = { agentId: string | null; status?: ApprovalStatus; after?: string; limit: number };

async function openOnes({ db, now }: VerbContext, wanted: Wanted): Promise<ApprovalRow[]> {
  if (wanted.status && wanted.status !== "pending") return [];
  return read(db, wanted, {
    where: and(eq(approvals.status, "pending"), gt(approvals.expiresAt, now)),
    after: wanted.after ? gt(approvals.id, wanted.after) : undefined,
    order: asc(approvals.id),
  });
}

async function theRest({ db, now }: VerbContext, wanted: Wanted): Promise<ApprovalRow[]> {
  if (wanted.status === "pending") return [];
  const overdue = and(eq(approvals.status, "pending"), lte(approvals.expiresAt, now));
  const decided = wanted.status ? eq(approvals.status, wanted.status) : ne(approvals.status, "pending");
  const expiredToo = !wanted.status || wanted.status === "expired";
  return read(db, wanted, {
    where: expiredToo ? or(decided, overdue) : decided,
    after: wanted.after ? lt(approvals.id, wanted.after) : undefined,
    order: desc(approvals.id),
  });
}

function read(
  db: Database,
  wanted: Wanted,
  how: { where: SQL | undefined; after: SQL | undefined; order: SQL },
): Promise<ApprovalRow[]> {
  const ofAgent = wanted.agentId ? eq(approvals.agentId, wanted.agentId) : undefined;
  return db
    .select()
    .from(approvals)
    .where(and(how.where, how.after, ofAgent))
    .orderBy(how.order)
    .limit(wanted.limit);
}

function isOpen(row: ApprovalRow, now: Date): boolean {
  return row.status === "pending" && row.expiresAt > now;
}
