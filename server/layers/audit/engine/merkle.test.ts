import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  appendLeaf,
  EMPTY_ROOT,
  emptyFrontier,
  type Frontier,
  frontierBytes,
  leafHash,
  nodeHash,
  readFrontier,
  rootOf,
  splitPoint,
  subtreeSizes,
} from "./merkle.ts";
import {
  consistencyProof,
  inclusionProof,
  type Subtree,
  subtreesSince,
  verifyConsistency,
  verifyInclusion,
} from "./merkle-proof.ts";

const hex = (text: string) => Buffer.from(text, "hex");
const hexes = (proof: readonly Buffer[]) => proof.map((node) => node.toString("hex"));

/** Published reference vectors of RFC 6962 trees (transparency-dev/merkle, testonly). */
const INPUTS = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const INCLUSION: [index: number, size: number, proof: string[]][] = [
  [0, 1, []],
  [0, 2, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"]],
  [1, 2, ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"]],
  [2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]],
  [
    1,
    5,
    [
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  ],
  [
    5,
    8,
    [
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  ],
];
const CONSISTENCY: [older: number, newer: number, proof: string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  ],
  [
    2,
    5,
    [
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  ],
  [
    6,
    8,
    [
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  ],
];

const leaves = INPUTS.map((input) => leafHash(hex(input)));
const treeOf = (all: readonly Buffer[]): Frontier => {
  const tree = emptyFrontier();
  for (const leaf of all) appendLeaf(tree, leaf);
  return tree;
};
const whole = (all: readonly Buffer[]): Subtree => subtreesSince(emptyFrontier(), all);
const someLeaves = fc
  .integer({ min: 1, max: 130 })
  .map((count) => Array.from({ length: count }, (_, i) => leafHash(Buffer.from(`leaf ${i}`))));
const flipped = (bytes: Buffer) => {
  const copy = Buffer.from(bytes);
  copy[0] = (copy[0] ?? 0) ^ 1;
  return copy;
};

describe("tree hashes", () => {
  test.each(ROOTS.map((root, size) => [size, root] as const))(
    "the published root at size %i",
    (size, root) => {
      expect(rootOf(treeOf(leaves.slice(0, size))).toString("hex")).toBe(root);
    },
  );

  test("an empty tree's root is SHA-256 of nothing", () => {
    expect(EMPTY_ROOT).toEqual(createHash("sha256").digest());
    expect(rootOf(emptyFrontier())).toEqual(EMPTY_ROOT);
  });

  test("a leaf can not pass for a node", () => {
    const [left, right] = [leafHash(hex("00")), leafHash(hex("01"))];
    expect(leafHash(Buffer.concat([left, right]))).not.toEqual(nodeHash(left, right));
  });

  test("appending one by one gives the root that RFC 6962 defines by splitting", () => {
    const defined = (all: readonly Buffer[]): Buffer => {
      if (all.length === 1) return all[0] as Buffer;
      const at = splitPoint(all.length);
      return nodeHash(defined(all.slice(0, at)), defined(all.slice(at)));
    };
    fc.assert(
      fc.property(someLeaves, (all) => {
        expect(rootOf(treeOf(all))).toEqual(defined(all));
      }),
    );
  });

  test("a stored frontier goes on as if it had never been stored", () => {
    fc.assert(
      fc.property(someLeaves, fc.nat(), (all, cut) => {
        const at = cut % (all.length + 1);
        const stored = treeOf(all.slice(0, at));
        const read = readFrontier(at, frontierBytes(stored)) as Frontier;
        for (const leaf of all.slice(at)) appendLeaf(read, leaf);
        expect(rootOf(read)).toEqual(rootOf(treeOf(all)));
      }),
    );
  });

  test("a frontier whose bytes do not fit its size is refused", () => {
    expect(readFrontier(3, Buffer.alloc(32))).toBeNull();
    expect(readFrontier(-1, Buffer.alloc(0))).toBeNull();
    expect(readFrontier(2 ** 60, Buffer.alloc(32))).toBeNull();
    expect(subtreeSizes(2 ** 40 + 1)).toEqual([2 ** 40, 1]);
  });
});

describe("inclusion proofs", () => {
  test.each(INCLUSION)("the published proof of leaf %i in %i", (index, size, proof) => {
    const made = inclusionProof(index, size, whole(leaves));
    expect(hexes(made)).toEqual(proof);
    expect(verifyInclusion(leaves[index] as Buffer, index, size, made, hex(ROOTS[size] as string))).toBe(
      true,
    );
  });

  test("every leaf of every tree is proved, also from an earlier frontier and the leaves since", () => {
    fc.assert(
      fc.property(someLeaves, fc.nat(), fc.nat(), (all, cut, pick) => {
        const at = cut % all.length;
        const index = at + (pick % (all.length - at));
        const proof = inclusionProof(
          index,
          all.length,
          subtreesSince(treeOf(all.slice(0, at)), all.slice(at)),
        );
        expect(hexes(proof)).toEqual(hexes(inclusionProof(index, all.length, whole(all))));
        const root = rootOf(treeOf(all));
        expect(verifyInclusion(all[index] as Buffer, index, all.length, proof, root)).toBe(true);
      }),
    );
  });

  test("a changed leaf, place, size, root or proof never verifies", () => {
    fc.assert(
      fc.property(someLeaves, fc.nat(), fc.nat(), (all, pick, where) => {
        const index = pick % all.length;
        const [leaf, size, root] = [all[index] as Buffer, all.length, rootOf(treeOf(all))];
        const proof = inclusionProof(index, size, whole(all));
        expect(verifyInclusion(flipped(leaf), index, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, proof, flipped(root))).toBe(false);
        expect(verifyInclusion(leaf, size, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, -1, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, [...proof, root], root)).toBe(false);
        if (size > 1) {
          const other = (index + 1) % size;
          expect(verifyInclusion(leaf, other, size, proof, root)).toBe(false);
          expect(verifyInclusion(leaf, index, size, proof.slice(1), root)).toBe(false);
          const broken = proof.map((node, i) => (i === where % proof.length ? flipped(node) : node));
          expect(verifyInclusion(leaf, index, size, broken, root)).toBe(false);
        }
      }),
    );
  });
});

describe("consistency proofs", () => {
  test.each(CONSISTENCY)("the published proof from %i to %i", (older, newer, proof) => {
    const made = consistencyProof(older, newer, whole(leaves));
    expect(hexes(made)).toEqual(proof);
    const at = (size: number) => ({ size, root: hex(ROOTS[size] as string) });
    expect(verifyConsistency(at(older), at(newer), made)).toBe(true);
  });

  test("each tree continues each of its earlier sizes; a rewritten one continues none", () => {
    fc.assert(
      fc.property(someLeaves, fc.nat(), fc.nat(), (all, cut, change) => {
        const older = 1 + (cut % all.length);
        const was = { size: older, root: rootOf(treeOf(all.slice(0, older))) };
        const is = { size: all.length, root: rootOf(treeOf(all)) };
        const proof = consistencyProof(older, all.length, whole(all));
        expect(verifyConsistency(was, is, proof)).toBe(true);
        const since = subtreesSince(treeOf(all.slice(0, older)), all.slice(older));
        if (older < all.length && subtreeSizes(older).length === 1)
          expect(hexes(consistencyProof(older, all.length, since))).toEqual(hexes(proof));

        const rewritten = all.map((leaf, i) => (i === change % older ? flipped(leaf) : leaf));
        const forged = { size: all.length, root: rootOf(treeOf(rewritten)) };
        expect(verifyConsistency(was, forged, consistencyProof(older, all.length, whole(rewritten)))).toBe(
          false,
        );
        expect(verifyConsistency(is, was, proof) && older < all.length).toBe(false);
        expect(verifyConsistency(was, is, [...proof, is.root])).toBe(false);
      }),
    );
  });

  test("nothing is proved from or to sizes that are none", () => {
    const root = rootOf(treeOf(leaves));
    expect(verifyConsistency({ size: 9, root }, { size: 8, root }, [])).toBe(false);
    expect(verifyConsistency({ size: 1.5, root }, { size: 8, root }, [])).toBe(false);
    expect(verifyConsistency({ size: 0, root }, { size: 8, root }, [])).toBe(false);
    expect(verifyConsistency({ size: 0, root: EMPTY_ROOT }, { size: 8, root }, [])).toBe(true);
  });
});
