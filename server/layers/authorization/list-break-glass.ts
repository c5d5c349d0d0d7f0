import { agentsAbove } from "../../../db/family.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { currentPolicy } from "./current-policy.ts";
import { decideReview } from "./engine/decide-review.ts";
import {
  type BreakGlassPage,
  type BreakGlassView,
  type ListBreakGlassInput,
  listBreakGlassInput,
  VERDICTS,
} from "./glass-schema.ts";
import { ownersOf, personNow, personOf } from "./person-now.ts";
import type { ScopePolicy } from "./policy-schema.ts";
import { agentByReference, type UserRow, usersByIds } from "./store.ts";
import {
  type BreakGlassRow,
  type BreakGlassWithGrant,
  breakGlassRows,
  countUnreviewed,
} from "./store-break-glass.ts";

/**
 * Uses of break-glass, newest first: who, why, what became of the grant, and of the review.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws InvalidInputError `cursor_invalid`.
 */
export async function listBreakGlass(ctx: VerbContext, input: ListBreakGlassInput): Promise<BreakGlassPage> {
  requirePermission(ctx.actor, "approvals.read");
  const { agent, show, limit, cursor } = listBreakGlassInput.parse(input);
  const agentId = agent ? (await agentByReference(ctx.db, agent)).id : null;
  const after = cursor ? readCursor(cursor) : null;
  const wanted = { agentId, unreviewed: show === "unreviewed", after };
  const rows = await breakGlassRows(ctx.db, wanted, limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1)?.use;
  const ownersById = new Map<string, string[]>();
  for (const { agent: of } of shown)
    if (!ownersById.has(of.id))
      ownersById.set(of.id, ownersOf([of, ...(of.parentId ? await agentsAbove(ctx.db, of.id) : [])]));
  const ids = shown.flatMap(({ use }) => [use.userId, use.reviewedBy]);
  const users = await usersByIds(ctx.db, [
    ...ids.filter((id) => id !== null),
    ...[...ownersById.values()].flat(),
    ...(ctx.actor.type === "operator" ? [ctx.actor.id] : []),
  ]);
  const policy = await currentPolicy(ctx.db);
  return {
    uses: shown.map((row) =>
      viewOf(row, { users, policy, ownerIds: ownersById.get(row.agent.id) ?? [] }, ctx),
    ),
    unreviewed: await countUnreviewed(ctx.db),
    nextCursor: rows.length > limit && last ? `${last.usedAt.toISOString()}~${last.id}` : null,
  };
}

type Known = { users: ReadonlyMap<string, UserRow>; policy: ScopePolicy; ownerIds: readonly string[] };

function viewOf(
  row: BreakGlassWithGrant,
  { users, policy, ownerIds }: Known,
  { actor, now }: Pick<VerbContext, "actor" | "now">,
): BreakGlassView {
  const { use, agent, grant } = row;
  const person = (userId: string) => ({ userId, name: users.get(userId)?.name ?? userId });
  return {
    ...use,
    agent: { id: agent.id, name: agent.name, title: agent.title },
    risk: policy.scopes.find((rule) => rule.scope === use.scope)?.risk ?? null,
    by: person(use.userId),
    grant: {
      ...grant,
      live: grant.revokedAt === null && grant.expiresAt !== null && grant.expiresAt > now,
    },
    review: reviewState(use, now),
    reviewedBy: use.reviewedBy ? person(use.reviewedBy) : null,
    verdict: VERDICTS.find((one) => one === use.verdict) ?? null,
    mayReview: mayReview(row, { users, ownerIds }, actor),
  };
}

function mayReview(
  { use }: BreakGlassWithGrant,
  { users, ownerIds }: Pick<Known, "users" | "ownerIds">,
  actor: VerbContext["actor"],
): BreakGlassView["mayReview"] {
  if (actor.type !== "operator")
    return { allowed: false, checks: [{ id: "in-person", passed: false, detail: "Only people review." }] };
  const { outcome, checks } = decideReview({
    reviewer: personNow(actor, users, "glass.review"),
    user: personOf(users, use.userId),
    owners: ownerIds.map((id) => personOf(users, id)),
    reviewed: use.reviewedAt !== null,
  });
  return { allowed: outcome === "allow", checks };
}

function reviewState(use: BreakGlassRow, now: Date): BreakGlassView["review"] {
  if (use.reviewedAt) return use.reviewedAt > use.reviewDueAt ? "late" : "in-time";
  return use.reviewDueAt <= now ? "overdue" : "waiting";
}

function readCursor(cursor: string): { usedAt: Date; id: string } {
  const match = /^([0-9T:.Z-]{24})~([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor);
  const usedAt = new Date(match?.[1] ?? "");
  if (!match?.[2] || Number.isNaN(usedAt.getTime()))
    throw new InvalidInputError("cursor_invalid", "This cursor is none of ours. Start from the first page.");
  return { usedAt, id: match[2] };
}
