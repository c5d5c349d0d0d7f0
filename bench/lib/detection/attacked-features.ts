import type { AttackKind } from "../scenario/event.ts";

/** Which features each attack changes: one of them should be named first. */
export const ATTACKED_FEATURES: Record<AttackKind, readonly string[]> = {
  "burst-exfiltration": ["dataMegabytes", "bytesPerCall", "apiCallsPerMinute"],
  "slow-exfiltration": ["dataMegabytes", "bytesPerCall"],
  "credential-replay": ["geographicAnomaly"],
  "sequence-change": ["patternSurprise"],
  "lateral-access": ["patternSurprise", "uniqueEndpoints", "refusedRatio"],
  recon: ["patternSurprise", "uniqueEndpoints", "refusedRatio"],
  "off-hours": ["timeOfDayDeviation"],
  flood: ["apiCallsPerMinute", "refusedRatio"],
  "under-threshold": ["apiCallsPerMinute", "dataMegabytes"],
};
