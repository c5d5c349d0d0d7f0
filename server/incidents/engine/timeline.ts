import type { TimelineEntry } from "../views.ts";

/**
 * One history out of several: by when things happened, then by when they were written down, so that what
 * somebody learnt late stands where it belongs and still shows that it was learnt late.
 */
export function mergeTimeline(sources: readonly (readonly TimelineEntry[])[]): TimelineEntry[] {
  return sources
    .flat()
    .sort(
      (a, b) =>
        a.at.getTime() - b.at.getTime() ||
        a.recordedAt.getTime() - b.recordedAt.getTime() ||
        (a.refId < b.refId ? -1 : a.refId > b.refId ? 1 : 0),
    );
}
