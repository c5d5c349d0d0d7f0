import { hash } from "node:crypto";
import { ensure, present } from "../../../kernel/ensure.ts";

/** Domain separation of RFC 6962 §2.1: a leaf can never pass for a node. */
const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;
export const HASH_BYTES = 32;

/** Root of a tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT = hash("sha256", "", "buffer");

/** A tree at one size, as its complete subtrees from left to right (a compact range from 0). */
export type Frontier = { size: number; nodes: Buffer[] };

/** Hash of a leaf: SHA-256(0x00 ‖ data). */
export function leafHash(data: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(data.length + 1);
  bytes[0] = LEAF_PREFIX;
  bytes.set(data, 1);
  return hash("sha256", bytes, "buffer");
}

/** Hash of a node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(1 + 2 * HASH_BYTES);
  bytes[0] = NODE_PREFIX;
  bytes.set(left, 1);
  bytes.set(right, 1 + HASH_BYTES);
  return hash("sha256", bytes, "buffer");
}

/** A tree without leaves, to append to. */
export function emptyFrontier(): Frontier {
  return { size: 0, nodes: [] };
}

/** Appends a leaf's hash to the tree, in place: subtrees of equal size merge as in binary addition. */
export function appendLeaf(frontier: Frontier, leaf: Buffer): void {
  let node = leaf;
  for (let rest = frontier.size; rest % 2 === 1; rest = (rest - 1) / 2)
    node = nodeHash(present(frontier.nodes.pop(), "a complete subtree for each bit"), node);
  frontier.nodes.push(node);
  frontier.size += 1;
}

/** Root of the tree (RFC 6962 §2.1). */
export function rootOf(frontier: Frontier): Buffer {
  const { nodes } = frontier;
  let root = nodes[nodes.length - 1];
  for (let i = nodes.length - 2; i >= 0; i--) root = nodeHash(nodes[i] as Buffer, root as Buffer);
  return root ?? EMPTY_ROOT;
}

/** The frontier as it is stored: its nodes one after the other. */
export function frontierBytes(frontier: Frontier): Buffer {
  return Buffer.concat(frontier.nodes);
}

/** Reads a stored frontier; null where the bytes do not fit the size. The caller compares its root. */
export function readFrontier(size: number, bytes: Buffer): Frontier | null {
  if (!Number.isSafeInteger(size) || size < 0 || bytes.length !== subtreeSizes(size).length * HASH_BYTES)
    return null;
  const nodes: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += HASH_BYTES) nodes.push(bytes.subarray(at, at + HASH_BYTES));
  return { size, nodes };
}

/** Sizes of the complete subtrees that make a tree of `size` leaves, left to right: its binary digits. */
export function subtreeSizes(size: number): number[] {
  const sizes: number[] = [];
  for (let power = 1, rest = size; rest > 0; power *= 2, rest = Math.floor(rest / 2))
    if (rest % 2 === 1) sizes.unshift(power);
  return sizes;
}

/** Largest power of two smaller than `size`: where RFC 6962 splits a tree of two leaves or more. */
export function splitPoint(size: number): number {
  ensure(size >= 2, "a tree that is split has two leaves");
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
