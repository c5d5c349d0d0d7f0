/**
 * A model that scores a window against what is usual, purely. Another can be tried beside it: its id and version go with
 * every score that is stored, so that a score says by what it was given.
 */
export type Scorer<Window, Baseline, Scored extends { score: number }> = {
  id: string;
  /** Changes whenever the same window and baseline would be scored otherwise. */
  version: string;
  score(window: Window, baseline: Baseline): Scored;
};

/** How a stored score names its model. */
export function modelName({ id, version }: { id: string; version: string }): string {
  return `${id}/${version}`;
}
