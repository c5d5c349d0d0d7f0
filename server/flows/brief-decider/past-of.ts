import type { Database } from "../../../db/client.ts";
import type { DeciderBrief } from "../../layers/authorization/brief-schema.ts";
import type { ApprovalRow } from "../../layers/authorization/store.ts";
import { earlierRequests, peopleOf, votesOf } from "./store.ts";

const LOOK_BACK_DAYS = 90;
const SHOWN_MAX = 8;
const DAY_MS = 86_400_000;

/** What became of requests of the same scope for the same agent in the last 90 days, the newest 200 of them. */
export async function pastOf(db: Database, request: ApprovalRow, now: Date): Promise<DeciderBrief["past"]> {
  const rows = await earlierRequests(db, request, new Date(now.getTime() - LOOK_BACK_DAYS * DAY_MS));
  const shown = rows.slice(0, SHOWN_MAX);
  const votes = await votesOf(
    db,
    shown.map(({ approval }) => approval.id),
  );
  const people = await peopleOf(db, [
    ...votes.map((vote) => vote.userId),
    ...shown.map(({ approval }) => approval.requestedBy),
  ]);
  const nameOf = (id: string) => people.get(id)?.name ?? id;
  const counted = (status: string) => rows.filter(({ approval }) => approval.status === status).length;
  return {
    asked: rows.length,
    granted: counted("approved"),
    denied: counted("denied"),
    unanswered: counted("expired"),
    neverUsed: rows.filter(({ grant }) => grant !== null && grant.activatedAt === null && over(grant, now))
      .length,
    latest: shown.map(({ approval, grant }) => ({
      id: approval.id,
      requestedAt: approval.requestedAt,
      requesterName: approval.requestedByType === "agent" ? "the agent itself" : nameOf(approval.requestedBy),
      status: approval.status,
      decidedAt: approval.decidedAt,
      decidedBy: votes.filter((vote) => vote.approvalId === approval.id).map((vote) => nameOf(vote.userId)),
      durationSeconds: approval.durationSeconds,
      activatedAt: grant?.activatedAt ?? null,
      revokedAt: grant?.revokedAt ?? null,
      reason: approval.reason,
    })),
  };
}

function over(grant: { expiresAt: Date | null; revokedAt: Date | null }, now: Date): boolean {
  return grant.revokedAt !== null || (grant.expiresAt !== null && grant.expiresAt <= now);
}
