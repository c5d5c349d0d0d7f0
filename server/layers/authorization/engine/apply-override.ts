import { SERVING_STATUSES } from "./decide-scopes.ts";
import type { TrustScore } from "./trust-score.ts";

/** An override that a second person approved, and when it ends. */
export type ApprovedOverride = { id: string; score: number; decidedAt: Date; endsAt: Date };

/** Trust as decisions use it: `score` counts, `computed` is what it would be without the override, if there is one. */
export type CountingTrust = TrustScore & {
  computed: number;
  override: { id: string; score: number; endsAt: Date } | null;
};

/**
 * The trust that counts at `now`: the override's while it lasts, else what was computed. An agent that is stopped is
 * never lifted by one, and may be lowered.
 */
export function applyOverride(
  computed: TrustScore,
  override: ApprovedOverride | null,
  agent: { status: string; banned: boolean },
  now: Date,
): CountingTrust {
  const lasts = override !== null && override.decidedAt <= now && now < override.endsAt;
  const serves = !agent.banned && SERVING_STATUSES.includes(agent.status);
  if (!lasts || (!serves && override.score > computed.score))
    return { ...computed, computed: computed.score, override: null };
  const { id, score, endsAt } = override;
  return { ...computed, score, computed: computed.score, override: { id, score, endsAt } };
}
