import type { LifecycleStage } from "../schema.ts";

export type LifecycleFacts = {
  approval: { status: string; requestedAt: Date; expiresAt: Date; decidedAt: Date | null };
  /** When people voted, whatever they said. */
  votedAt: readonly Date[];
  /** What the approval gave; null where it gave nothing. */
  grant: {
    grantedAt: Date;
    expiresAt: Date | null;
    activatedAt: Date | null;
    lastUsedAt: Date | null;
    revokedAt: Date | null;
  } | null;
  now: Date;
};

/** One of the five steps of every request; `never` where it can no longer come. */
export type LifecycleStep = {
  key: "requested" | "reviewed" | "granted" | "activated" | "ended";
  state: "done" | "now" | "later" | "never";
  at: Date | null;
};

export type Lifecycle = {
  stage: LifecycleStage;
  steps: LifecycleStep[];
  /** Whether what it gave is live now. */
  live: boolean;
  /** Whether a token ever carried it; null where nothing was given. */
  used: boolean | null;
  /** When an action was last admitted under it. */
  lastUsedAt: Date | null;
  /** When it ends or ended by itself or by a person; null where nothing was given, or while it waits. */
  endsAt: Date | null;
};

/** Where a request stands: whether it was decided, whether what it gave was ever used, and whether that still lives. */
export function lifecycleOf(facts: LifecycleFacts): Lifecycle {
  const { grant } = facts;
  const stage = stageOf(facts);
  return {
    stage,
    steps: stepsOf(facts, stage),
    live: stage === "granted" || stage === "activated",
    used: grant ? grant.activatedAt !== null : null,
    lastUsedAt: grant?.lastUsedAt ?? null,
    endsAt: grant ? (grant.revokedAt ?? grant.expiresAt) : null,
  };
}

function stageOf({ approval, votedAt, grant, now }: LifecycleFacts): LifecycleStage {
  if (grant) {
    if (grant.revokedAt) return "revoked";
    if (grant.expiresAt && grant.expiresAt <= now) return "expired";
    return grant.activatedAt ? "activated" : "granted";
  }
  if (approval.status === "denied" || approval.status === "withdrawn") return approval.status;
  if (approval.status !== "pending" || approval.expiresAt <= now) return "unanswered";
  return votedAt.length > 0 ? "in-review" : "requested";
}

function stepsOf({ approval, votedAt, grant }: LifecycleFacts, stage: LifecycleStage): LifecycleStep[] {
  const waits = stage === "requested" || stage === "in-review";
  const live = stage === "granted" || stage === "activated";
  const ahead = (open: boolean) => (open ? "later" : "never");
  const step = (
    key: LifecycleStep["key"],
    at: Date | null | undefined,
    otherwise: LifecycleStep["state"],
  ): LifecycleStep => ({ key, state: at ? "done" : otherwise, at: at ?? null });
  const decided = waits || stage === "unanswered" ? null : (approval.decidedAt ?? grant?.grantedAt);
  return [
    step("requested", approval.requestedAt, "done"),
    step("reviewed", decided, waits ? (votedAt.length > 0 ? "now" : "later") : "never"),
    step("granted", grant?.grantedAt, ahead(waits)),
    step("activated", grant?.activatedAt, stage === "granted" ? "now" : ahead(waits)),
    step("ended", live ? null : grant && (grant.revokedAt ?? grant.expiresAt), ahead(waits || live)),
  ];
}
