/** How many of the closed alerts were false positives, as a share; null where none was closed. */
export function falseShare({
  closed,
  falsePositives,
}: {
  closed: number;
  falsePositives: number;
}): string | null {
  if (closed === 0) return null;
  return `${Math.round((100 * falsePositives) / closed)} % of ${closed}`;
}
