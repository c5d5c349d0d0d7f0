import type { Tone } from "#components/ui/tone.ts";
import {
  EXPIRY_BUCKETS,
  type ExpiryOverview,
  PURPOSES,
  type Purpose,
} from "#server/layers/identity/schema.ts";

export type Bucket = (typeof EXPIRY_BUCKETS)[number];

/** How each bucket reads in a head and in a sentence, and how pressing what is in it is. */
export const BUCKET_WORDS: Record<Bucket, { head: string; said: string; tone: Tone }> = {
  ended: { head: "Ended", said: "ended", tone: "critical" },
  hour: { head: "< 1 h", said: "end within an hour", tone: "high" },
  day: { head: "< 24 h", said: "end within 24 hours", tone: "medium" },
  week: { head: "< 7 d", said: "end within 7 days", tone: "ok" },
  month: { head: "< 30 d", said: "end within 30 days", tone: "ok" },
  later: { head: "Later", said: "end later", tone: "ok" },
};

export type BucketRow = {
  purpose: Purpose;
  cells: { bucket: Bucket; count: number; part: number }[];
  total: number;
};

/**
 * The overview as rows of a table, one for each purpose: `part` is a cell's share of its row, for the bar behind
 * the number. A purpose without credentials has parts of zero.
 */
export function bucketRows(overview: Pick<ExpiryOverview, "buckets">): BucketRow[] {
  return PURPOSES.map((purpose) => {
    const counts = EXPIRY_BUCKETS.map((bucket) => ({
      bucket,
      count: overview.buckets.find((it) => it.purpose === purpose && it.bucket === bucket)?.count ?? 0,
    }));
    const total = counts.reduce((sum, it) => sum + it.count, 0);
    const cells = counts.map((it) => ({ ...it, part: total === 0 ? 0 : it.count / total }));
    return { purpose, cells, total };
  });
}
