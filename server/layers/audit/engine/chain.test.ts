import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chainBehind, entryHash, entryHashes, entryText, GENESIS_HASH } from "./chain.ts";

const digest = (text: string) => createHash("sha256").update(text).digest();

describe("chain entries", () => {
  test("the text names version, number, predecessor and record, each on its line", () => {
    expect(entryText(1, GENESIS_HASH, digest("a"))).toBe(
      `vigil-chain/v1\n1\n${"0".repeat(64)}\n${digest("a").toString("hex")}\n`,
    );
  });

  test("the hash is SHA-256 of that text, the leaf SHA-256 of a zero byte and that text", () => {
    const text = entryText(7, digest("p"), digest("r"));
    const { entry, leaf } = entryHashes(7, digest("p"), digest("r"));
    expect(entry).toEqual(digest(text));
    expect(entryHash(7, digest("p"), digest("r"))).toEqual(entry);
    expect(leaf).toEqual(
      createHash("sha256")
        .update(Buffer.from([0]))
        .update(text)
        .digest(),
    );
  });

  test("each entry follows the one before, numbers without a gap", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 30 }), fc.nat(1_000_000), (texts, seq) => {
        const head = { seq, hash: digest("head") };
        const entries = chainBehind(
          head,
          texts.map((text, i) => ({ id: String(i), digest: digest(text) })),
        );
        let prev: Buffer = head.hash;
        entries.forEach((entry, i) => {
          expect(entry.seq).toBe(seq + 1 + i);
          expect(entry.prevHash).toEqual(prev);
          expect(entry.hash).toEqual(entryHash(entry.seq, prev, digest(texts[i] as string)));
          prev = entry.hash;
        });
      }),
    );
  });

  test("number, predecessor and record each change the hash", () => {
    const base = entryHash(5, digest("p"), digest("r"));
    expect(entryHash(6, digest("p"), digest("r"))).not.toEqual(base);
    expect(entryHash(5, digest("q"), digest("r"))).not.toEqual(base);
    expect(entryHash(5, digest("p"), digest("s"))).not.toEqual(base);
  });
});
