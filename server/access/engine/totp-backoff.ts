/** Wrong codes in a row that are let pass before waiting starts. */
export const FREE_FAILURES = 5;
const FIRST_WAIT_SECONDS = 30;
const WAIT_SECONDS_MAX = 15 * 60;

/**
 * Until when the next code is not looked at, after so many wrong ones in a row: 30 s at the fifth, doubled
 * with each further one, 15 min at most. At that pace guessing one of the three codes that count takes years.
 */
export function lockedUntilAfter(failures: number, now: Date): Date | null {
  if (failures < FREE_FAILURES) return null;
  const seconds = Math.min(FIRST_WAIT_SECONDS * 2 ** (failures - FREE_FAILURES), WAIT_SECONDS_MAX);
  return new Date(now.getTime() + seconds * 1000);
}
