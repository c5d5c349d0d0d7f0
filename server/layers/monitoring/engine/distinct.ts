/**
 * A sketch of how many different things were seen: the `k` smallest 32-bit hashes, ascending (k minimum
 * values). Exact below k; merging is a union, so neither order nor repetition matters.
 */
export type DistinctSketch = number[];

export const DISTINCT_KEPT = 64;
const HASH_SPACE = 2 ** 32;

/** Adds one thing, in place. */
export function addDistinct(sketch: DistinctSketch, thing: string): void {
  insert(sketch, hash32(thing));
}

/** The union of two sketches, as a new one. */
export function mergeDistinct(a: DistinctSketch, b: DistinctSketch): DistinctSketch {
  const merged = a.slice();
  for (const hash of b) insert(merged, hash);
  return merged;
}

/** How many different things: exact below 64, then within about 13 % (standard error 1/√62). */
export function countDistinct(sketch: DistinctSketch): number {
  if (sketch.length < DISTINCT_KEPT) return sketch.length;
  const largest = sketch[sketch.length - 1] ?? HASH_SPACE;
  return Math.max(DISTINCT_KEPT, Math.round(((DISTINCT_KEPT - 1) / (largest + 1)) * HASH_SPACE));
}

function insert(sketch: DistinctSketch, hash: number): void {
  const last = sketch[sketch.length - 1];
  if (last !== undefined && sketch.length >= DISTINCT_KEPT && hash >= last) return;
  let low = 0;
  let high = sketch.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sketch[middle] ?? 0) < hash) low = middle + 1;
    else high = middle;
  }
  if (sketch[low] === hash) return;
  sketch.splice(low, 0, hash);
  if (sketch.length > DISTINCT_KEPT) sketch.pop();
}

/** FNV-1a with a final mix (murmur3), so that names that differ in one digit spread over the whole space. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
