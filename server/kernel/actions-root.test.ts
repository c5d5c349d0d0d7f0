import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actionCommitment, actionsRoot } from "./actions-root.ts";
import { canonicalBytes, type Json } from "./canonical.ts";
import { sha256 } from "./hash.ts";

const salt = Buffer.alloc(32, 7);
const some = (count: number): Json[] => Array.from({ length: count }, (_, i) => ({ action: "a", n: i }));

/** RFC 6962 §2.1 as it is written: split at the largest power of two below n. */
function byDefinition(leaves: Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  const [first] = leaves;
  if (leaves.length === 1 && first) return sha256(Buffer.from([0]), first);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Buffer.from([1]), byDefinition(leaves.slice(0, k)), byDefinition(leaves.slice(k)));
}

describe("root over the actions of a request", () => {
  it("is the RFC 6962 tree over the commitments, for every size", () => {
    for (let n = 0; n <= 70; n++) {
      const commitments = some(n).map((action, i) => actionCommitment(salt, i, action));
      expect(actionsRoot(salt, some(n)).equals(byDefinition(commitments))).toBe(true);
    }
  });

  it("commits to place and canonical form under the salt", () => {
    const expected = createHmac("sha256", salt)
      .update(Buffer.from([0, 0, 1, 2]))
      .update(canonicalBytes({ b: 1, a: 2 }))
      .digest();
    expect(actionCommitment(salt, 258, { a: 2, b: 1 }).equals(expected)).toBe(true);
  });

  it("changes when an action is altered, left out, added or moved, or the salt is another", () => {
    const root = actionsRoot(salt, some(9)).toString("hex");
    fc.assert(
      fc.property(fc.nat(8), fc.nat(8), (i, j) => {
        const altered = some(9);
        altered[i] = { action: "b", n: i };
        expect(actionsRoot(salt, altered).toString("hex")).not.toBe(root);
        expect(actionsRoot(salt, some(9).toSpliced(i, 1)).toString("hex")).not.toBe(root);
        expect(actionsRoot(salt, [...some(9), { n: j }]).toString("hex")).not.toBe(root);
        fc.pre(i !== j);
        const moved = some(9);
        [moved[i], moved[j]] = [moved[j] ?? null, moved[i] ?? null];
        expect(actionsRoot(salt, moved).toString("hex")).not.toBe(root);
      }),
    );
    expect(actionsRoot(Buffer.alloc(32, 8), some(9)).toString("hex")).not.toBe(root);
  });
});
