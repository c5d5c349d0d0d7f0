import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entryHash, entryHashes, GENESIS_HASH } from "./chain.ts";
import type { Anchor } from "./check-checkpoint.ts";
import { createFindings, FINDINGS_MAX } from "./findings.ts";
import { appendLeaf, emptyFrontier, type Frontier, rootOf } from "./merkle.ts";
import { isBefore, type WalkedEntry, walkChain } from "./walk-chain.ts";

const digest = (text: string) => createHash("sha256").update(text).digest();
const START_MS = Date.UTC(2026, 10, 20);

/** A chain as a sequencer makes it, with an anchor at each of these sizes. */
function makeLog(length: number, sizes: readonly number[] = [length]) {
  const entries: WalkedEntry[] = [];
  const anchors: Anchor[] = [];
  const tree = emptyFrontier();
  let prevHash: Buffer = GENESIS_HASH;
  for (let seq = 1; seq <= length; seq++) {
    const record = {
      xid: String(90 + seq),
      ord: seq,
      atMs: START_MS + seq,
      digest: digest(`r${seq}`),
      problem: null,
    };
    const { entry, leaf } = entryHashes(seq, prevHash, record.digest);
    appendLeaf(tree, leaf);
    entries.push({
      seq,
      recordId: `r${seq}`,
      xid: record.xid,
      ord: seq,
      prevHash,
      hash: entry,
      chainedAtMs: START_MS + seq,
      record,
    });
    prevHash = entry;
    if (sizes.includes(seq)) {
      const frontier: Frontier = { size: seq, nodes: [...tree.nodes] };
      anchors.push({ size: seq, root: rootOf(tree), frontier, source: "database" });
    }
  }
  return { entries, anchors };
}

function walk(entries: readonly WalkedEntry[], anchors: readonly Anchor[]) {
  const findings = createFindings();
  const walker = walkChain({ seq: 0, hash: GENESIS_HASH, frontier: emptyFrontier() }, findings);
  walker.meet(anchors);
  for (const entry of entries) walker.take(entry);
  const tree = walker.end();
  return { tree, found: findings.list().map((it) => [it.class, it.fromSeq, it.toSeq]), findings };
}

const lengths = fc.integer({ min: 2, max: 40 });
const at = (entries: readonly WalkedEntry[], i: number) => entries[i] as WalkedEntry;

/** Every way to spoil one entry, none of which may pass. */
const SPOIL: Record<string, (entry: WalkedEntry) => WalkedEntry> = {
  digest: (it) => ({ ...it, record: it.record && { ...it.record, digest: digest("other") } }),
  "record missing": (it) => ({ ...it, record: null }),
  "record changed": (it) => ({ ...it, record: it.record && { ...it.record, problem: "changed" } }),
  hash: (it) => ({ ...it, hash: digest("other") }),
  predecessor: (it) => ({ ...it, prevHash: digest("other") }),
  "predecessor and hash": (it) => ({
    ...it,
    prevHash: digest("other"),
    hash: entryHash(it.seq, digest("other"), it.record?.digest ?? digest("")),
  }),
  place: (it) => ({ ...it, xid: "1", ord: 0 }),
  "place of the record": (it) => ({ ...it, record: it.record && { ...it.record, xid: "1" } }),
  "stamped late": (it) => ({ ...it, record: it.record && { ...it.record, atMs: it.chainedAtMs + 60_000 } }),
  "an instant that is none": (it) => ({
    ...it,
    record: it.record && { ...it.record, atMs: Number.POSITIVE_INFINITY },
  }),
};

describe("the walk", () => {
  test("finds nothing in a chain as it was made, and matches every signed root", () => {
    fc.assert(
      fc.property(lengths, fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }), (length, sizes) => {
        const { entries, anchors } = makeLog(length, sizes);
        const { found, tree } = walk(entries, anchors);
        expect(found).toEqual([]);
        expect(tree).toEqual({
          matched: anchors.length,
          unmatched: 0,
          matchedSize: anchors[anchors.length - 1]?.size ?? 0,
        });
      }),
    );
  });

  test.each(Object.entries(SPOIL))("finds what was spoiled where it was: %s", (_, spoil) => {
    fc.assert(
      fc.property(lengths, fc.nat(), (length, pick) => {
        const { entries, anchors } = makeLog(length);
        const i = pick % length;
        const { found } = walk(entries.with(i, spoil(at(entries, i))), anchors);
        expect(found[0]?.[1]).toBe(i + 1);
        expect(found.every(([, from, to]) => Number(from) <= i + 2 && Number(to) <= i + 2)).toBe(true);
      }),
    );
  });

  test("names the numbers of entries that are gone", () => {
    fc.assert(
      fc.property(lengths, fc.nat(), fc.nat(), (length, pick, more) => {
        const from = pick % (length - 1);
        const count = 1 + (more % (length - 1 - from));
        const { entries, anchors } = makeLog(length);
        expect(walk(entries.toSpliced(from, count), anchors).found).toEqual([
          ["delete", from + 1, from + count],
        ]);
      }),
    );
  });

  test("names an end that was cut off, from any signed size beyond it", () => {
    fc.assert(
      fc.property(lengths, fc.nat(), (length, pick) => {
        const kept = pick % length;
        const { entries, anchors } = makeLog(length);
        expect(walk(entries.slice(0, kept), anchors).found).toEqual([["cut-tail", kept + 1, length]]);
      }),
    );
  });

  test("a chain rewritten from some entry on fits no root signed since, and every root signed before", () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 40 }), fc.nat(), (length, pick) => {
        const first = 1 + (pick % length);
        const sizes = [Math.ceil(length / 2), length];
        const { entries, anchors } = makeLog(length, sizes);
        let prevHash = at(entries, 0).prevHash;
        const rewritten = entries.map((entry) => {
          if (entry.seq < first || !entry.record) {
            prevHash = entry.hash;
            return entry;
          }
          const record = entry.seq === first ? { ...entry.record, digest: digest("forged") } : entry.record;
          const made = { ...entry, record, prevHash, hash: entryHash(entry.seq, prevHash, record.digest) };
          prevHash = made.hash;
          return made;
        });
        const [half = 0] = sizes;
        const from = first <= half ? 1 : half + 1;
        expect(walk(rewritten, anchors).found).toEqual([["fork", from, length]]);
      }),
    );
  });

  test("insertions and removals that were hidden by renumbering are told from exchanges", () => {
    const { entries, anchors } = makeLog(12);
    const renumber = (list: readonly WalkedEntry[]) => list.map((entry, i) => ({ ...entry, seq: i + 1 }));
    for (const count of [1, 2, 5])
      expect(walk(renumber(entries.toSpliced(4, count)), anchors).found[0]).toEqual(["delete", 5, 5]);
    const exchanged = [...entries];
    [exchanged[3], exchanged[8]] = [at(entries, 8), at(entries, 3)];
    expect(walk(renumber(exchanged), anchors).found).toEqual([
      ["reorder", 4, 4],
      ["reorder", 9, 9],
    ]);
  });

  test("damage in front does not hide damage behind it: the tree is taken up at the next checkpoint", () => {
    const { entries, anchors } = makeLog(30, [10, 20, 30]);
    const gone = entries.toSpliced(3, 1);
    const copy: Anchor = {
      ...(anchors[1] as Anchor),
      root: digest("another"),
      frontier: null,
      source: "copy",
    };
    expect(walk(gone, [...anchors, copy]).found).toEqual([
      ["fork", 1, 20],
      ["delete", 4, 4],
    ]);
    expect(walk(gone, anchors).tree).toMatchObject({ matched: 2, matchedSize: 30 });
  });

  test("one clock that ran ahead does not accuse everything behind it", () => {
    const { entries, anchors } = makeLog(10);
    const early = at(entries, 4);
    const ahead = {
      ...early,
      record: early.record && { ...early.record, atMs: early.chainedAtMs + 3_600_000 },
    };
    expect(walk(entries.with(4, ahead), anchors).found).toEqual([["clock", 5, 5]]);
  });
});

describe("findings", () => {
  test("neighbours of one class are one range, whatever else lies among them", () => {
    const findings = createFindings();
    for (const seq of [3, 4, 5, 9])
      findings.add({ class: "edit", fromSeq: seq, toSeq: seq, recordId: `r${seq}`, detail: "changed." });
    findings.add({ class: "fork", fromSeq: 1, toSeq: 8, recordId: null, detail: "forked." });
    expect(findings.list().map((it) => [it.class, it.fromSeq, it.toSeq, it.recordId])).toEqual([
      ["fork", 1, 8, null],
      ["edit", 3, 5, "r3"],
      ["edit", 9, 9, "r9"],
    ]);
  });

  test("have an end, and what is beyond it is counted", () => {
    const findings = createFindings();
    for (let i = 0; i < FINDINGS_MAX + 7; i++)
      findings.add({ class: "edit", fromSeq: 2 * i, toSeq: 2 * i, recordId: null, detail: "" });
    expect(findings.list()).toHaveLength(FINDINGS_MAX);
    expect(findings.dropped()).toBe(7);
  });
});

test("places compare as numbers do, beyond what a number can hold", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n }), fc.bigInt({ min: 0n, max: 2n ** 64n }), (a, b) => {
      expect(isBefore({ xid: String(a), ord: 0 }, { xid: String(b), ord: 0 })).toBe(a < b);
    }),
  );
});
