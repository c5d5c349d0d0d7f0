import { ensure, present } from "../../../kernel/ensure.ts";
import { EMPTY_ROOT, type Frontier, nodeHash, splitPoint, subtreeSizes } from "./merkle.ts";

/** Root of the leaves `from` (inclusive) to `to` (exclusive). */
export type Subtree = (from: number, to: number) => Buffer;

/**
 * Subtrees of a tree of which only this is at hand: its frontier at an earlier size, and the leaves since.
 * That is enough to prove any of those later leaves, and that the later tree continues the earlier one.
 */
export function subtreesSince(frontier: Frontier, leaves: readonly Buffer[]): Subtree {
  const known = new Map<string, Buffer>();
  let start = 0;
  for (const [i, size] of subtreeSizes(frontier.size).entries()) {
    known.set(`${start}-${start + size}`, present(frontier.nodes[i], "a node for each subtree"));
    start += size;
  }
  const subtree: Subtree = (from, to) => {
    const stored = known.get(`${from}-${to}`);
    if (stored) return stored;
    if (to - from === 1) return present(leaves[from - frontier.size], "a leaf behind the frontier");
    const middle = from + splitPoint(to - from);
    return nodeHash(subtree(from, middle), subtree(middle, to));
  };
  return subtree;
}

/** Inclusion proof of the leaf `index` (from 0) in a tree of `size` leaves: RFC 6962 §2.1.1. */
export function inclusionProof(index: number, size: number, subtree: Subtree, offset = 0): Buffer[] {
  ensure(index >= 0 && index < size, "the leaf lies within the tree");
  if (size === 1) return [];
  const middle = splitPoint(size);
  return index < middle
    ? [...inclusionProof(index, middle, subtree, offset), subtree(offset + middle, offset + size)]
    : [
        ...inclusionProof(index - middle, size - middle, subtree, offset + middle),
        subtree(offset, offset + middle),
      ];
}

/** Consistency proof from a tree of `older` leaves to one of `newer`: RFC 6962 §2.1.2. */
export function consistencyProof(older: number, newer: number, subtree: Subtree): Buffer[] {
  ensure(older >= 1 && older <= newer, "the older tree is not empty and not larger");
  return subproof(older, newer, 0, true, subtree);
}

function subproof(older: number, newer: number, offset: number, whole: boolean, subtree: Subtree): Buffer[] {
  if (older === newer) return whole ? [] : [subtree(offset, offset + newer)];
  const middle = splitPoint(newer);
  return older <= middle
    ? [...subproof(older, middle, offset, whole, subtree), subtree(offset + middle, offset + newer)]
    : [
        ...subproof(older - middle, newer - middle, offset + middle, false, subtree),
        subtree(offset, offset + middle),
      ];
}

/** Whether the proof leads from this leaf to this root: RFC 9162 §2.1.3.2. All of it may come from an attacker. */
export function verifyInclusion(
  leaf: Buffer,
  index: number,
  size: number,
  proof: readonly Buffer[],
  root: Buffer,
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let [node, place, last] = [leaf, index, size - 1];
  for (const sibling of proof) {
    if (last === 0 || sibling.length !== root.length) return false;
    if (place % 2 === 1 || place === last) {
      node = nodeHash(sibling, node);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else node = nodeHash(node, sibling);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && node.equals(root);
}

/** Whether the newer tree holds all of the older one, unchanged and in front: RFC 9162 §2.1.4.2. */
export function verifyConsistency(
  older: { size: number; root: Buffer },
  newer: { size: number; root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (!Number.isSafeInteger(older.size) || !Number.isSafeInteger(newer.size)) return false;
  if (older.size < 0 || older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && older.root.equals(newer.root);
  if (older.size === 0) return proof.length === 0 && older.root.equals(EMPTY_ROOT);
  const path = isPowerOfTwo(older.size) ? [older.root, ...proof] : [...proof];
  let [place, last] = [older.size - 1, newer.size - 1];
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  const [first, ...siblings] = path;
  if (!first) return false;
  let [oldNode, newNode] = [first, first];
  for (const sibling of siblings) {
    if (last === 0 || sibling.length !== newer.root.length) return false;
    if (place % 2 === 1 || place === last) {
      oldNode = nodeHash(sibling, oldNode);
      newNode = nodeHash(sibling, newNode);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else newNode = nodeHash(newNode, sibling);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && oldNode.equals(older.root) && newNode.equals(newer.root);
}

const half = (n: number) => Math.floor(n / 2);
const isPowerOfTwo = (n: number) => subtreeSizes(n).length === 1;
