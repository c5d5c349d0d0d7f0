/** Seconds of its limit that a limited agent may use at once. */
const BURST_SECONDS = 10;

/**
 * Token buckets of limited agents, in this gateway's memory. Each gateway limits by itself: with n gateways an
 * agent that spreads its requests gets n times its limit.
 */
export function createTurns(): {
  take: (agentId: string, limitPerMinute: number, now: Date) => number;
} {
  const buckets = new Map<string, { tokens: number; atMs: number; limit: number }>();
  return {
    take(agentId, limitPerMinute, now) {
      const perSecond = limitPerMinute / 60;
      const capacity = Math.max(1, perSecond * BURST_SECONDS);
      const held = buckets.get(agentId);
      const bucket =
        held?.limit === limitPerMinute
          ? held
          : { tokens: capacity, atMs: now.getTime(), limit: limitPerMinute };
      const elapsedSeconds = Math.max(0, now.getTime() - bucket.atMs) / 1000;
      bucket.tokens = Math.min(capacity, bucket.tokens + elapsedSeconds * perSecond);
      bucket.atMs = now.getTime();
      buckets.set(agentId, bucket);
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return 0;
      }
      return perSecond > 0 ? Math.ceil((1 - bucket.tokens) / perSecond) : 60;
    },
  };
}
