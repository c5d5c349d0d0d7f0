/** How much of a dry-run's time is read, 0 to 1: it reads from the newest back. */
export function shareRead(view: { from: Date; to: Date; readDownTo: Date | null }): number {
  const { from, to, readDownTo } = view;
  if (!readDownTo) return 0;
  const whole = to.getTime() - from.getTime();
  return whole <= 0 ? 1 : Math.min(1, Math.max(0, (to.getTime() - readDownTo.getTime()) / whole));
}
