import type { Random } from "../scenario/random.ts";

type Node = { feature: number; split: number; left: Node; right: Node } | { size: number };

const TREES = 100;
const SAMPLE = 256;
const EULER = 0.577_215_664_901_532_9;

/**
 * An isolation forest (Liu, Ting, Zhou 2008: 100 trees of 256 samples, height ⌈log2 256⌉).
 *
 * @returns the anomaly score of a point, in (0, 1): above 0.5 is easier to isolate than most.
 * @throws RangeError when there is nothing to learn from.
 */
export function isolationForest(
  points: readonly (readonly number[])[],
  random: Random,
): (point: readonly number[]) => number {
  if (points.length === 0) throw new RangeError("a forest needs at least one point");
  const sampleSize = Math.min(SAMPLE, points.length);
  const heightMax = Math.ceil(Math.log2(Math.max(2, sampleSize)));
  const trees = Array.from({ length: TREES }, () =>
    grow(sampleOf(points, sampleSize, random), 0, heightMax, random),
  );
  const usual = averagePath(sampleSize);
  return (point) => {
    const mean = trees.reduce((sum, tree) => sum + pathLength(tree, point), 0) / TREES;
    return usual === 0 ? 0.5 : 2 ** (-mean / usual);
  };
}

function grow(
  points: readonly (readonly number[])[],
  height: number,
  heightMax: number,
  random: Random,
): Node {
  if (height >= heightMax || points.length <= 1) return { size: points.length };
  const spans = (points[0] ?? []).map((_, feature) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const point of points) {
      low = Math.min(low, point[feature] ?? 0);
      high = Math.max(high, point[feature] ?? 0);
    }
    return { feature, low, high };
  });
  const varied = spans.filter(({ low, high }) => high > low);
  if (varied.length === 0) return { size: points.length };
  const { feature, low, high } = random.pick(varied);
  const split = random.between(low, high);
  const left = points.filter((point) => (point[feature] ?? 0) < split);
  const right = points.filter((point) => (point[feature] ?? 0) >= split);
  return {
    feature,
    split,
    left: grow(left, height + 1, heightMax, random),
    right: grow(right, height + 1, heightMax, random),
  };
}

function pathLength(tree: Node, point: readonly number[]): number {
  let node = tree;
  let steps = 0;
  while ("feature" in node) {
    node = (point[node.feature] ?? 0) < node.split ? node.left : node.right;
    steps++;
  }
  return steps + averagePath(node.size);
}

/** Mean length of an unsuccessful search in a binary tree of that many points (equation 1 of the paper). */
export function averagePath(size: number): number {
  if (size <= 1) return 0;
  if (size === 2) return 1;
  return 2 * (Math.log(size - 1) + EULER) - (2 * (size - 1)) / size;
}

/** A sample without putting back. */
function sampleOf<T>(points: readonly T[], size: number, random: Random): T[] {
  const left = [...points];
  for (let i = 0; i < size; i++) {
    const other = random.whole(i, left.length - 1);
    [left[i], left[other]] = [left[other] as T, left[i] as T];
  }
  return left.slice(0, size);
}
