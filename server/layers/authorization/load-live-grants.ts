import type { VerbContext } from "../../access/verb-context.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { currentPolicy } from "./current-policy.ts";
import { grantViews } from "./grant-views.ts";
import {
  type ListLiveGrantsInput,
  type LiveGrantPage,
  type LiveGrantView,
  listLiveGrantsInput,
  UNUSED_DAYS,
} from "./grants-schema.ts";
import type { ScopePolicy } from "./policy-schema.ts";
import { agentByReference, type UserRow, usersByIds } from "./store.ts";
import { countLiveGrants, type LiveGrantRow, liveGrantRows } from "./store-live-grants.ts";

const DAY_MS = 86_400_000;

/**
 * A page of live grants of all agents, newest first; with `unused` only those that are proposed for removal.
 *
 * @throws NotFoundError `agent_unknown`. @throws InvalidInputError `cursor_invalid`.
 */
export async function loadLiveGrants(
  { db, now }: Pick<VerbContext, "db" | "now">,
  input: ListLiveGrantsInput,
  { unused }: { unused: boolean },
): Promise<LiveGrantPage> {
  const { agent, scope, risk, by, limit, cursor } = listLiveGrantsInput.parse(input);
  const policy = await currentPolicy(db);
  const unusedSince = new Date(now.getTime() - UNUSED_DAYS * DAY_MS);
  const filter = {
    agentId: agent ? (await agentByReference(db, agent)).id : null,
    scopes: scopesOf(policy, scope, risk),
    by,
    unusedSince: unused ? unusedSince : null,
  };
  const page = { after: cursor ? readCursor(cursor) : null, limit: limit + 1, now };
  const rows = await liveGrantRows(db, filter, page);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1)?.grant;
  const users = await usersByIds(
    db,
    shown.flatMap(({ grant }) => grant.grantedBy.split(",")),
  );
  return {
    grants: shown.map((row) => viewOf(row, policy, users, { now, unusedSince })),
    total: await countLiveGrants(db, filter, now),
    nextCursor: rows.length > limit && last ? `${last.grantedAt.toISOString()}~${last.id}` : null,
  };
}

function viewOf(
  { grant, agentName, resource, reason }: LiveGrantRow,
  policy: ScopePolicy,
  users: ReadonlyMap<string, UserRow>,
  { now, unusedSince }: { now: Date; unusedSince: Date },
): LiveGrantView {
  const [view] = grantViews([grant], agentName, policy, now);
  const since = grant.lastUsedAt ?? grant.grantedAt;
  return {
    ...(view as NonNullable<typeof view>),
    by: grant.approvalId ? "approval" : grant.breakGlassId ? "break-glass" : "standing",
    grantedByPeople: grant.grantedBy
      .split(",")
      .map((userId) => ({ userId, name: users.get(userId)?.name ?? userId })),
    ...{ resource, reason },
    unusedSince: since,
    proposedForRemoval: since <= unusedSince,
  };
}

/** The scopes that are asked for; null for all. A risk is what the policy says now. */
function scopesOf(policy: ScopePolicy, scope?: string, risk?: string): string[] | null {
  if (!scope && !risk) return null;
  const ofRisk = policy.scopes.filter((rule) => !risk || rule.risk === risk).map((rule) => rule.scope);
  if (!scope) return ofRisk;
  return !risk || ofRisk.includes(scope) ? [scope] : [];
}

function readCursor(cursor: string): { grantedAt: Date; id: string } {
  const match = /^([0-9T:.Z-]{24})~([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor);
  const grantedAt = new Date(match?.[1] ?? "");
  if (!match?.[2] || Number.isNaN(grantedAt.getTime()))
    throw new InvalidInputError("cursor_invalid", "This cursor is none of ours. Start from the first page.");
  return { grantedAt, id: match[2] };
}
