import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../db/testing/test-database.ts";
import { entryHash } from "./engine/chain.ts";
import { type AttackedLog, EDIT_BODY, openAttackedLog } from "./testing/attacked-log.ts";
import { TEST_NOW } from "./testing/audit-log.ts";
import { verifyLog } from "./verify-log.ts";

let log: AttackedLog;
beforeEach(async () => {
  log = await openAttackedLog();
});
afterEach(() => log.close());

describe("an intact log", () => {
  test("has no findings, and the report says what was held against what", async () => {
    const report = await log.verify();
    expect(report).toMatchObject({ outcome: "clean", checked: 12, provableSize: 12, findings: [] });
    expect(report.statement.join(" ")).toContain("6 signed checkpoints");
  });

  test("a part of it is anchored to the checkpoint before", async () => {
    const report = await log.verify({ fromSeq: 6, toSeq: 10 });
    expect(report).toMatchObject({ outcome: "clean", checked: 6, toSeq: 10 });
    expect(report.statement.join(" ")).toContain("behind the signed checkpoint of 4 entries");
  });

  test("says so where keys and copies came from nowhere else", async () => {
    const { statement, outcome } = await log.verify({ trustedKeys: null, copies: null });
    expect(outcome).toBe("clean");
    expect(statement.join(" ")).toContain("keys were taken from the database itself");
    expect(statement.join(" ")).toContain("Not compared");
  });

  test("stays clean while it grows under the verification: what is signed meanwhile is no cut tail", async () => {
    let finished = false;
    const growing = (async () => {
      while (!finished) await log.grow(2, { now: new Date() });
    })();
    const outcomes: string[] = [];
    while (outcomes.length < 25) {
      const { outcome, findings } = await log.verify();
      outcomes.push(outcome + findings.map((f) => `${f.class} ${f.fromSeq}-${f.toSeq} ${f.detail}`).join());
    }
    finished = true;
    await growing;
    expect(new Set(outcomes)).toEqual(new Set(["clean"]));
  });
});

test("an empty log is not clean", async () => {
  const empty = await createTestDatabase();
  try {
    const report = await verifyLog(empty.db, {
      fromSeq: 1,
      toSeq: null,
      withSignatures: true,
      trustedKeys: null,
      copies: null,
    });
    expect(report.outcome).toBe("empty");
    expect(report.statement).toHaveLength(1);
  } finally {
    await empty.close();
  }
});

describe("records that were never chained", () => {
  test("are no clean log once they wait longer than a receipt promises", async () => {
    await log.append(3, { now: new Date() });
    expect(await log.verify()).toMatchObject({ outcome: "clean" });
    await log.append(2);
    const { findings, outcome } = await log.verify();
    expect(outcome).toBe("findings");
    expect(findings).toMatchObject([{ class: "cut-tail", fromSeq: 13, toSeq: 17 }]);
  });

  test("nor is a chain that was taken off to a signed boundary, with its checkpoints and every copy", async () => {
    await log.tamper("delete from audit_chain where seq > 8");
    await log.tamper("delete from audit_checkpoints where size > 8");
    const { findings } = await log.verify({ copies: null });
    expect(findings).toMatchObject([{ class: "cut-tail", fromSeq: 9, toSeq: 12 }]);
  });

  test("nor is one of which nothing is left", async () => {
    await log.tamper("delete from audit_chain");
    await log.tamper("delete from audit_checkpoints");
    expect(await log.verify({ copies: null })).toMatchObject({ outcome: "findings", checked: 0 });
  });
});

describe("edits", () => {
  test("one changed byte of a record is named with its number", async () => {
    const id = await log.recordOf(6);
    await log.tamper(`${EDIT_BODY} where id = $1`, [id]);
    const { findings } = await log.verify();
    expect(findings).toEqual([
      expect.objectContaining({ class: "edit", fromSeq: 6, toSeq: 6, recordId: id }),
    ]);
  });

  test("every byte of a body counts", async () => {
    const id = await log.recordOf(2);
    const rows = await log.query("select body from audit_records where id = $1", [id]);
    const body: Buffer = rows[0].body;
    for (let at = 0; at < body.length; at += 7) {
      const changed = Buffer.from(body);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await log.tamper("update audit_records set body = $2 where id = $1", [id, changed]);
      expect(await log.ranges()).toEqual([["edit", 2, 2]]);
    }
  });

  test("a record changed together with its digest", async () => {
    await log.tamper(`${EDIT_BODY} where id = $1`, [await log.recordOf(6)]);
    await log.tamper("update audit_records set digest = sha256(body) where id = $1", [await log.recordOf(6)]);
    expect(await log.ranges()).toEqual([["edit", 6, 6]]);
  });

  test.each([
    "kind = 'other'",
    "actor = 'other'",
    "outcome = 'allow'",
    "at = at + interval '1 second'",
    "agent_id = gen_random_uuid()",
  ])("a searched column that lies: %s", async (change) => {
    await log.tamper(`update audit_records set ${change} where id = $1`, [await log.recordOf(6)]);
    expect(await log.ranges()).toEqual([["edit", 6, 6]]);
  });

  test("a signed request put beside a record that names none", async () => {
    const id = await log.recordOf(6);
    await log.tamper(
      `insert into audit_payloads (record_id, bytes, encoding, signature_base, signature, key_id, salt)
       values ($1, '[]', 'identity', 'forged', 'forged', 'forged', 'forged')`,
      [id],
    );
    expect(await log.ranges()).toEqual([["insert", 6, 6]]);
    expect((await log.verify()).findings[0]).toMatchObject({ recordId: id });
  });

  test("neighbours that were edited are one range", async () => {
    for (const seq of [5, 6, 7]) await log.tamper(`${EDIT_BODY} where id = $1`, [await log.recordOf(seq)]);
    expect(await log.ranges()).toEqual([["edit", 5, 7]]);
  });

  test("edits in two places are two findings, the first bad record first", async () => {
    for (const seq of [11, 3]) await log.tamper(`${EDIT_BODY} where id = $1`, [await log.recordOf(seq)]);
    expect(await log.ranges()).toEqual([
      ["edit", 3, 3],
      ["edit", 11, 11],
    ]);
  });
});

describe("removed, added and moved records", () => {
  test("records taken out of the middle", async () => {
    await log.tamper(
      "delete from audit_records where id in (select record_id from audit_chain where seq in (6, 7))",
    );
    expect(await log.ranges()).toEqual([["delete", 6, 7]]);
  });

  test("entries and records taken out of the middle", async () => {
    await log.tamper(
      "delete from audit_records where id in (select record_id from audit_chain where seq in (6, 7))",
    );
    await log.tamper("delete from audit_chain where seq in (6, 7)");
    expect(await log.ranges()).toEqual([["delete", 6, 7]]);
  });

  test("an entry taken out and those behind renumbered to hide the gap", async () => {
    await log.tamper(
      "delete from audit_records where id = (select record_id from audit_chain where seq = 6)",
    );
    await log.tamper("delete from audit_chain where seq = 6");
    for (let seq = 7; seq <= 12; seq++)
      await log.tamper("update audit_chain set seq = $1 - 1 where seq = $1", [seq]);
    expect(await log.ranges()).toContainEqual(["delete", 6, 6]);
  });

  test("a forged record that is slipped in behind the sequencer's back", async () => {
    const id = randomUUID();
    await log.tamper(
      `insert into audit_records (id, xid, ord, kind, at, actor, body, digest) overriding system value
       select $1, xid, ord + 1000000, kind, at, actor, body, digest from audit_records where id = $2`,
      [id, await log.recordOf(6)],
    );
    const { findings } = await log.verify();
    expect(findings).toEqual([expect.objectContaining({ class: "insert", fromSeq: 7, recordId: id })]);
  });

  test("a forged entry put into the middle, those behind renumbered", async () => {
    const [forged = ""] = await log.append(1);
    for (let seq = 12; seq >= 7; seq--)
      await log.tamper("update audit_chain set seq = $1 + 1 where seq = $1", [seq]);
    await log.asAttacker(async (client) => {
      const { rows } = await client.query("select xid::text, ord, digest from audit_records where id = $1", [
        forged,
      ]);
      const before = await client.query("select hash, chained_at from audit_chain where seq = 6");
      const { hash, chained_at } = before.rows[0];
      await client.query("insert into audit_chain values (7, $1, $2::xid8, $3, $4, $5, $6, 1)", [
        forged,
        rows[0].xid,
        rows[0].ord,
        hash,
        entryHash(7, hash, rows[0].digest),
        chained_at,
      ]);
    });
    const { findings } = await log.verify();
    expect(findings[0]).toMatchObject({ class: "insert", fromSeq: 7, toSeq: 7, recordId: forged });
  });

  test("two records swapped", async () => {
    const [a, b] = [await log.recordOf(6), await log.recordOf(9)];
    const spare = randomUUID();
    await log.tamper("update audit_chain set record_id = $1 where seq = 6", [spare]);
    await log.tamper("update audit_chain set record_id = $1 where seq = 9", [a]);
    await log.tamper("update audit_chain set record_id = $1 where seq = 6", [b]);
    expect(await log.ranges()).toEqual([
      ["reorder", 6, 6],
      ["reorder", 9, 9],
    ]);
  });

  test("two neighbours swapped as whole entries", async () => {
    await log.tamper("update audit_chain set seq = 1000 where seq = 6");
    await log.tamper("update audit_chain set seq = 6 where seq = 7");
    await log.tamper("update audit_chain set seq = 7 where seq = 1000");
    expect(await log.ranges()).toEqual([["reorder", 6, 7]]);
  });

  test.each([
    [6, 9],
    [10, 12],
    [11, 12],
    [1, 2],
  ])("entries %i and %i exchanged as they are", async (a, b) => {
    await log.tamper("update audit_chain set seq = 1000 where seq = $1", [a]);
    await log.tamper("update audit_chain set seq = $1 where seq = $2", [a, b]);
    await log.tamper("update audit_chain set seq = $1 where seq = 1000", [b]);
    expect(await log.ranges()).toEqual(
      b === a + 1
        ? [["reorder", a, b]]
        : [
            ["reorder", a, a],
            ["reorder", b, b],
          ],
    );
  });

  test("two neighbours swapped, with the whole chain rehashed behind them", async () => {
    await log.tamper("update audit_chain set seq = 1000 where seq = 6");
    await log.tamper("update audit_chain set seq = 6 where seq = 7");
    await log.tamper("update audit_chain set seq = 7 where seq = 1000");
    await log.rehashFrom(6);
    const found = await log.ranges();
    expect(found).toContainEqual(["reorder", 7, 7]);
    expect(found).toContainEqual(["fork", 5, 12]);
  });
});

describe("clocks", () => {
  test("a record that says it is from long before the one in front of it, or from after it was chained", async () => {
    await log.append(1, { now: new Date(TEST_NOW.getTime() - 3_600_000) });
    await log.settle();
    expect(await log.ranges()).toEqual([["clock", 13, 13]]);
    await log.append(1, { now: new Date(TEST_NOW.getTime() + 50 * 365 * 86_400_000) });
    await log.settle();
    expect(await log.ranges()).toEqual([["clock", 13, 14]]);
  });
});
