/**
 * Instants measured from one that a door stamped: `now` and the time that has gone by since, on a clock
 * that never jumps. For durations of steps; no engine needs it.
 */
export function startStopwatch(now: Date): () => Date {
  const started = performance.now();
  return () => new Date(now.getTime() + performance.now() - started);
}
