/** A grant's duration in words: `1 h`, `24 h`, `30 min`. Whole hours up to two days stay hours. */
export function durationWords(seconds: number): string {
  if (seconds % 86_400 === 0 && seconds > 172_800) return `${seconds / 86_400} d`;
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  if (seconds % 60 === 0) {
    const hours = Math.floor(seconds / 3_600);
    return hours > 0 ? `${hours} h ${(seconds % 3_600) / 60} min` : `${seconds / 60} min`;
  }
  return `${seconds} s`;
}

const STEPS_SECONDS = [900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400];

/** The durations one may choose up to a limit, the limit itself last. Never longer: narrowing is the only change. */
export function shorterDurations(limitSeconds: number): number[] {
  return [...STEPS_SECONDS.filter((seconds) => seconds < limitSeconds), limitSeconds];
}
