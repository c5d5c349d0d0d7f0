import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Revocation } from "../../layers/authorization/revocation-store.ts";
import { createHeldRevocations, readCursor, writeCursor } from "./held-revocations.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const AGENT = "did:web:bank:agents:a";
const token = (ord: number, xid: number, endsAt = later(900)): Revocation => ({
  ...{ ord, xid: BigInt(xid), endsAt, agentId: "a" },
  event: { kind: "token", jti: `t${ord}`, exp: 0, grantIds: [], agent: AGENT },
});
const stands = (ord: number, xid: number, why: string): Revocation => ({
  ...{ ord, xid: BigInt(xid), agentId: "a", endsAt: null, event: { kind: "agent", why, agent: AGENT } },
});
const read = (settled: number, next: number, ...rows: Revocation[]) => ({
  ...{ settled: BigInt(settled), next: BigInt(next), rows },
});
const ords = (rows: readonly Revocation[]) => rows.map(({ ord }) => ord);

describe("held revocations", () => {
  it("tell one that is seen before an older transaction ends, at once and once", () => {
    const held = createHeldRevocations();
    expect(ords(held.take(read(10, 13, token(2, 12))))).toEqual([2]);
    expect(ords(held.take(read(13, 13, token(1, 10), token(2, 12))))).toEqual([1]);
    expect(ords(held.since(null, NOW).rows)).toEqual([1, 2]);
  });

  it("resume before whatever may still commit: the late one is told, and nothing is missed", () => {
    const held = createHeldRevocations();
    held.take(read(10, 13, token(2, 12)));
    const cursor = held.cursor(NOW);
    held.take(read(13, 13, token(1, 10), token(2, 12)));
    expect(held.since(cursor, NOW)).toMatchObject({ isWhole: false });
    expect(ords(held.since(cursor, NOW).rows)).toContain(1);
  });

  it("hold the newest standing of an agent alone; one that resumes hears of a release, a fresh one does not", () => {
    const held = createHeldRevocations();
    held.take(read(11, 11, stands(1, 10, "contained")));
    const cursor = held.cursor(NOW);
    held.take(read(12, 12, stands(2, 11, "released")));
    expect(held.since(cursor, NOW).rows).toMatchObject([{ event: { why: "released" } }]);
    expect(held.since(null, NOW).rows).toEqual([]);
    expect(held.count()).toBe(1);
  });

  it("give the whole state to a cursor that is old, of another database, or of the future", () => {
    const held = createHeldRevocations();
    held.take(read(10, 10, token(1, 5)));
    const from = (settled: bigint, ms: number) =>
      held.since({ settled, atMs: NOW.getTime() + ms }, NOW).isWhole;
    expect([from(10n, 0), from(10n, -3_600_000), from(10n, 60_000)]).toEqual([false, false, false]);
    expect([from(10n, -3_600_001), from(10n, 60_001), from(11n, 0)]).toEqual([true, true, true]);
  });

  it("notice a database that went back, and let go of what ended five minutes ago", () => {
    const held = createHeldRevocations();
    held.take(read(10, 10, token(1, 5), token(2, 6, later(1))));
    expect([held.isBehind(read(9, 9)), held.isBehind(read(10, 10))]).toEqual([true, false]);
    held.forget(later(300));
    expect(ords(held.since(null, NOW).rows)).toEqual([1, 2]);
    held.forget(later(301));
    expect(ords(held.since(null, NOW).rows)).toEqual([1]);
    held.clear();
    expect([held.count(), held.from()]).toEqual([0, 0n]);
  });

  it("whatever the order of commits, a reader that resumes at each cursor has heard all", () => {
    const commits = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(commits, fc.array(fc.boolean(), { maxLength: 30 }), (order, cuts) => {
        const held = createHeldRevocations();
        const heard = new Set<number>();
        let cursor = held.cursor(NOW);
        order.forEach((_xid, i) => {
          const committed = order.slice(0, i + 1);
          // Transactions not yet committed are open; everything below the lowest of them is settled.
          const settled = Math.min(31, ...order.slice(i + 1));
          const rows = committed.filter((xid) => BigInt(xid) >= held.from()).map((xid) => token(xid, xid));
          const news = held.take(read(settled, 31, ...rows));
          const told = cuts[i] ? held.since(cursor, NOW).rows : news;
          for (const { ord } of told) heard.add(ord);
          cursor = held.cursor(NOW);
        });
        expect([...heard].sort()).toEqual([...order].sort());
      }),
    );
  });
});

describe("a cursor", () => {
  it("is read as it was written, and nothing else is", () => {
    const cursor = { settled: 123_456_789_012n, atMs: 5 };
    expect(readCursor(writeCursor(cursor))).toEqual(cursor);
    for (const text of ["", "1", "1.", ".1", "-1.2", "1.2.3", "1.2 ", "1e3.4", `${"9".repeat(21)}.1`])
      expect(readCursor(text), text).toBeNull();
  });
});
