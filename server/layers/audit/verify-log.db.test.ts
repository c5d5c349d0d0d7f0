import { randomUUID } from "node:crypto";
import type pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { noteVerifier } from "../../kernel/signed-note.ts";
import { checkpointCopyPath, readCheckpointCopy } from "./checkpoint-copy.ts";
import { entryHash, entryText } from "./engine/chain.ts";
import { signCheckpointNote } from "./engine/checkpoint.ts";
import { appendLeaf, emptyFrontier, frontierBytes, leafHash, rootOf } from "./engine/merkle.ts";
import { createAuditLog, makeCheckpointKey, TEST_NOW } from "./testing/audit-log.ts";
import { makeSigningAgent, type TestAgent, writeSignedRequest } from "./testing/signed-requests.ts";
import { verifyLog } from "./verify-log.ts";

let database: TestDatabase;
let log: Awaited<ReturnType<typeof createAuditLog>>;

/** Twelve entries, signed at 4, 8 and 12. */
beforeEach(async () => {
  database = await createTestDatabase();
  log = await createAuditLog(database.db);
  for (let i = 0; i < 3; i++) await growBy(4);
});
afterEach(async () => {
  log.close();
  await database.close();
});

async function growBy(count: number) {
  for (let i = 0; i < count; i++) await log.append(1);
  await settle();
}

/** Chains and signs; transactions of other test files may keep a record waiting for a moment. */
async function settle() {
  await expect
    .poll(
      async () => {
        await log.chain();
        const { rows } = await database.db.$client.query(
          "select (select count(*) from audit_records) - (select count(*) from audit_chain) as waiting",
        );
        return rows[0].waiting;
      },
      { timeout: 15_000 },
    )
    .toBe(0);
  await log.sign();
}

async function verify(options: Partial<Parameters<typeof verifyLog>[1]> = {}) {
  const { checkpoints } = await readCheckpointCopy(checkpointCopyPath(log.dataDir));
  return verifyLog(database.db, {
    fromSeq: 1,
    toSeq: null,
    withSignatures: true,
    trustedKeys: [await trustedKey()],
    copies: checkpoints,
    ...options,
  });
}

async function trustedKey() {
  const { rows } = await database.db.$client.query(
    "select name from audit_keys where purpose = 'checkpoint' order by valid_from limit 1",
  );
  return noteVerifier(rows[0].name, log.key.publicKey);
}

/** As a database owner who has switched off every trigger and foreign key. */
const tamper = (sql: string, values: unknown[] = []) =>
  database.asSuper(async (client) => {
    await client.query("set session_replication_role = replica");
    return client.query(sql, values);
  });

const ranges = async (options: Parameters<typeof verify>[0] = {}) =>
  (await verify(options)).findings.map(({ class: kind, fromSeq, toSeq }) => [kind, fromSeq, toSeq]);

const recordOf = async (seq: number): Promise<string> => {
  const { rows } = await database.db.$client.query("select record_id from audit_chain where seq = $1", [seq]);
  return rows[0].record_id;
};

/** Rewrites the chain's hashes from an entry on, so that every link holds again. */
async function rehashFrom(client: pg.Client, from: number) {
  const { rows } = await client.query(
    `select c.seq, c.prev_hash, r.digest from audit_chain c join audit_records r on r.id = c.record_id
     where c.seq >= $1 order by c.seq`,
    [from],
  );
  const before = await client.query("select hash from audit_chain where seq < $1 order by seq desc limit 1", [
    from,
  ]);
  let prev: Buffer = before.rows[0]?.hash ?? Buffer.alloc(32);
  for (const { seq, digest } of rows) {
    const hash = entryHash(seq, prev, digest);
    await client.query("update audit_chain set prev_hash = $2, hash = $3 where seq = $1", [seq, prev, hash]);
    prev = hash;
  }
}

const editBody = `update audit_records set body = convert_to(replace(convert_from(body, 'UTF8'), '"count":', '"tally":'), 'UTF8')`;

describe("an intact log", () => {
  test("has no findings, and the report says what was held against what", async () => {
    const report = await verify();
    expect(report).toMatchObject({ outcome: "clean", checked: 12, provableSize: 12, findings: [] });
    expect(report.statement.join(" ")).toContain("6 signed checkpoints");
  });

  test("a part of it is anchored to the checkpoint before", async () => {
    const report = await verify({ fromSeq: 6, toSeq: 10 });
    expect(report).toMatchObject({ outcome: "clean", checked: 6, toSeq: 10 });
    expect(report.statement.join(" ")).toContain("behind the signed checkpoint of 4 entries");
  });

  test("says so where keys and copies came from nowhere else", async () => {
    const { statement, outcome } = await verify({ trustedKeys: null, copies: null });
    expect(outcome).toBe("clean");
    expect(statement.join(" ")).toContain("keys were taken from the database itself");
    expect(statement.join(" ")).toContain("Not compared");
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

describe("edits", () => {
  test("one changed byte of a record is named with its number", async () => {
    const id = await recordOf(6);
    await tamper(`${editBody} where id = $1`, [id]);
    const { findings } = await verify();
    expect(findings).toEqual([
      expect.objectContaining({ class: "edit", fromSeq: 6, toSeq: 6, recordId: id }),
    ]);
  });

  test("every byte of a body counts", async () => {
    const id = await recordOf(2);
    const { rows } = await database.db.$client.query("select body from audit_records where id = $1", [id]);
    const body: Buffer = rows[0].body;
    for (let at = 0; at < body.length; at += 7) {
      const changed = Buffer.from(body);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await tamper("update audit_records set body = $2 where id = $1", [id, changed]);
      expect(await ranges()).toEqual([["edit", 2, 2]]);
    }
  });

  test("a record changed together with its digest", async () => {
    await tamper(`${editBody} where id = $1`, [await recordOf(6)]);
    await tamper("update audit_records set digest = sha256(body) where id = $1", [await recordOf(6)]);
    expect(await ranges()).toEqual([["edit", 6, 6]]);
  });

  test.each([
    "kind = 'other'",
    "actor = 'other'",
    "outcome = 'allow'",
    "at = at + interval '1 second'",
    "agent_id = gen_random_uuid()",
  ])("a searched column that lies: %s", async (change) => {
    await tamper(`update audit_records set ${change} where id = $1`, [await recordOf(6)]);
    expect(await ranges()).toEqual([["edit", 6, 6]]);
  });

  test("neighbours that were edited are one range", async () => {
    for (const seq of [5, 6, 7]) await tamper(`${editBody} where id = $1`, [await recordOf(seq)]);
    expect(await ranges()).toEqual([["edit", 5, 7]]);
  });

  test("edits in two places are two findings, the first bad record first", async () => {
    for (const seq of [11, 3]) await tamper(`${editBody} where id = $1`, [await recordOf(seq)]);
    expect(await ranges()).toEqual([
      ["edit", 3, 3],
      ["edit", 11, 11],
    ]);
  });
});

describe("removed, added and moved records", () => {
  test("records taken out of the middle", async () => {
    await tamper(
      "delete from audit_records where id in (select record_id from audit_chain where seq in (6, 7))",
    );
    expect(await ranges()).toEqual([["delete", 6, 7]]);
  });

  test("entries and records taken out of the middle", async () => {
    await tamper(
      "delete from audit_records where id in (select record_id from audit_chain where seq in (6, 7))",
    );
    await tamper("delete from audit_chain where seq in (6, 7)");
    expect(await ranges()).toEqual([["delete", 6, 7]]);
  });

  test("an entry taken out and those behind renumbered to hide the gap", async () => {
    await tamper("delete from audit_records where id = (select record_id from audit_chain where seq = 6)");
    await tamper("delete from audit_chain where seq = 6");
    for (let seq = 7; seq <= 12; seq++)
      await tamper("update audit_chain set seq = $1 - 1 where seq = $1", [seq]);
    expect(await ranges()).toContainEqual(["delete", 6, 6]);
  });

  test("a forged record that is slipped in behind the sequencer's back", async () => {
    const id = randomUUID();
    await tamper(
      `insert into audit_records (id, xid, ord, kind, at, actor, body, digest) overriding system value
       select $1, xid, ord + 1000000, kind, at, actor, body, digest from audit_records where id = $2`,
      [id, await recordOf(6)],
    );
    const { findings } = await verify();
    expect(findings).toEqual([expect.objectContaining({ class: "insert", fromSeq: 7, recordId: id })]);
  });

  test("a forged entry put into the middle, those behind renumbered", async () => {
    const [forged = ""] = await log.append(1);
    for (let seq = 12; seq >= 7; seq--)
      await tamper("update audit_chain set seq = $1 + 1 where seq = $1", [seq]);
    await database.asSuper(async (client) => {
      await client.query("set session_replication_role = replica");
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
    const { findings } = await verify();
    expect(findings[0]).toMatchObject({ class: "insert", fromSeq: 7, toSeq: 7, recordId: forged });
  });

  test("two records swapped", async () => {
    const [a, b] = [await recordOf(6), await recordOf(9)];
    const spare = randomUUID();
    await tamper("update audit_chain set record_id = $1 where seq = 6", [spare]);
    await tamper("update audit_chain set record_id = $1 where seq = 9", [a]);
    await tamper("update audit_chain set record_id = $1 where seq = 6", [b]);
    expect(await ranges()).toEqual([
      ["reorder", 6, 6],
      ["reorder", 9, 9],
    ]);
  });

  test("two neighbours swapped as whole entries", async () => {
    await tamper("update audit_chain set seq = 1000 where seq = 6");
    await tamper("update audit_chain set seq = 6 where seq = 7");
    await tamper("update audit_chain set seq = 7 where seq = 1000");
    expect(await ranges()).toEqual([["reorder", 6, 7]]);
  });

  test.each([
    [6, 9],
    [10, 12],
    [11, 12],
    [1, 2],
  ])("entries %i and %i exchanged as they are", async (a, b) => {
    await tamper("update audit_chain set seq = 1000 where seq = $1", [a]);
    await tamper("update audit_chain set seq = $1 where seq = $2", [a, b]);
    await tamper("update audit_chain set seq = $1 where seq = 1000", [b]);
    expect(await ranges()).toEqual(
      b === a + 1
        ? [["reorder", a, b]]
        : [
            ["reorder", a, a],
            ["reorder", b, b],
          ],
    );
  });

  test("two neighbours swapped, with the whole chain rehashed behind them", async () => {
    await tamper("update audit_chain set seq = 1000 where seq = 6");
    await tamper("update audit_chain set seq = 6 where seq = 7");
    await tamper("update audit_chain set seq = 7 where seq = 1000");
    await database.asSuper(async (client) => {
      await client.query("set session_replication_role = replica");
      await rehashFrom(client, 6);
    });
    const found = await ranges();
    expect(found).toContainEqual(["reorder", 7, 7]);
    expect(found).toContainEqual(["fork", 5, 12]);
  });
});

describe("history rewritten", () => {
  const rewrite = async () => {
    await tamper(`${editBody} where id = $1`, [await recordOf(6)]);
    await tamper("update audit_records set digest = sha256(body) where id = $1", [await recordOf(6)]);
    await database.asSuper(async (client) => {
      await client.query("set session_replication_role = replica");
      await rehashFrom(client, 6);
    });
  };

  /** Signs every stretch anew with another key. */
  const resign = async (key: Awaited<ReturnType<typeof makeCheckpointKey>>, origin: string) => {
    const verifier = noteVerifier(origin, key.publicKey);
    const { rows } = await database.db.$client.query(
      "select c.seq, c.prev_hash, r.digest from audit_chain c join audit_records r on r.id = c.record_id order by c.seq",
    );
    const tree = emptyFrontier();
    for (const { seq, prev_hash, digest } of rows) {
      appendLeaf(tree, leafHash(Buffer.from(entryText(seq, prev_hash, digest))));
      const root = rootOf(tree);
      await tamper(
        "update audit_checkpoints set root = $2, note = $3, frontier = $4, key_id = $5 where size = $1",
        [
          seq,
          root,
          signCheckpointNote({ origin, size: seq, root }, key.privateKey),
          frontierBytes(tree),
          verifier.keyId,
        ],
      );
    }
    return verifier;
  };

  test("a record edited and everything behind it rehashed: no signed checkpoint fits any more", async () => {
    await rewrite();
    expect(await ranges()).toEqual([["fork", 5, 12]]);
    expect(await ranges({ copies: null })).toEqual([["fork", 5, 12]]);
  });

  test("and the checkpoints signed anew with another key", async () => {
    const trusted = await trustedKey();
    await rewrite();
    await resign(await makeCheckpointKey(), trusted.name);
    expect(await ranges({ trustedKeys: [trusted], copies: null })).toEqual([["wrong-key", 1, 12]]);
    expect(await ranges({ trustedKeys: [trusted] })).toEqual([
      ["wrong-key", 1, 12],
      ["fork", 5, 12],
    ]);
  });

  test("and that key put into the database in place of the old one", async () => {
    const trusted = await trustedKey();
    await rewrite();
    const key = await makeCheckpointKey();
    const verifier = await resign(key, trusted.name);
    await tamper("update audit_keys set key_id = $1, public_jwk = $2", [verifier.keyId, key.publicJwk]);
    expect(await ranges({ trustedKeys: null })).toEqual([["wrong-key", 1, 12]]);
    await tamper("insert into audit_keys values ($1, $2, 'checkpoint', $3, now())", [
      trusted.keyId,
      trusted.name,
      log.key.publicJwk,
    ]);
    expect(await ranges({ trustedKeys: null })).toEqual([["fork", 5, 12]]);
  });

  test("one entry put onto another predecessor, as a second history would", async () => {
    await database.asSuper(async (client) => {
      await client.query("set session_replication_role = replica");
      const { rows } = await client.query(
        `select r.digest, (select hash from audit_chain where seq = 10) as prev
         from audit_chain c join audit_records r on r.id = c.record_id where c.seq = 12`,
      );
      const { prev, digest } = rows[0];
      await client.query("update audit_chain set prev_hash = $1, hash = $2 where seq = 12", [
        prev,
        entryHash(12, prev, digest),
      ]);
    });
    expect(await ranges()).toEqual([["fork", 12, 12]]);
  });

  test("the tree stored with a checkpoint", async () => {
    await tamper(
      "update audit_checkpoints set frontier = set_byte(frontier, 3, 255 - get_byte(frontier, 3)) where size = 8",
    );
    expect(await ranges()).toEqual([["edit", 5, 8]]);
  });

  test("damage in one stretch does not hide what lies behind it", async () => {
    await tamper("delete from audit_records where id = (select record_id from audit_chain where seq = 2)");
    await tamper(`${editBody} where id = $1`, [await recordOf(10)]);
    await tamper("update audit_records set digest = sha256(body) where id = $1", [await recordOf(10)]);
    await database.asSuper(async (client) => {
      await client.query("set session_replication_role = replica");
      await rehashFrom(client, 10);
    });
    expect(await ranges()).toEqual([
      ["delete", 2, 2],
      ["fork", 9, 12],
    ]);
  });
});

describe("the end cut off", () => {
  const cut = async (to: number) => {
    await tamper("delete from audit_records where id in (select record_id from audit_chain where seq > $1)", [
      to,
    ]);
    await tamper("delete from audit_chain where seq > $1", [to]);
  };

  test("entries behind a checkpoint", async () => {
    await cut(10);
    expect(await ranges({ copies: null })).toEqual([["cut-tail", 11, 12]]);
  });

  test("entries and their checkpoints: the copy outside the database still knows", async () => {
    await cut(8);
    await tamper("delete from audit_checkpoints where size > 8");
    expect(await ranges({ copies: null })).toEqual([]);
    expect(await ranges()).toEqual([["cut-tail", 9, 12]]);
  });

  test("everything", async () => {
    const trusted = await trustedKey();
    await tamper("truncate audit_chain, audit_records, audit_checkpoints, audit_payloads");
    expect(await ranges({ trustedKeys: [trusted] })).toEqual([["cut-tail", 1, 12]]);
  });
});

describe("clocks", () => {
  test("a record that says it is from long before the one in front of it, or from after it was chained", async () => {
    await log.append(1, { now: new Date(TEST_NOW.getTime() - 3_600_000) });
    await settle();
    expect(await ranges()).toEqual([["clock", 13, 13]]);
    await log.append(1, { now: new Date(TEST_NOW.getTime() + 50 * 365 * 86_400_000) });
    await settle();
    expect(await ranges()).toEqual([["clock", 13, 14]]);
  });
});

describe("the agents' signatures", () => {
  let agent: TestAgent;
  let other: TestAgent;
  const at = (seconds: number) => new Date(TEST_NOW.getTime() + seconds * 1_000);

  beforeEach(async () => {
    agent = await makeSigningAgent(database.db);
    other = await makeSigningAgent(database.db, "ec");
    await writeSignedRequest(
      database.db,
      agent,
      [{ action: "transactions:read" }, { action: "alerts:create" }],
      at(1),
    );
    await writeSignedRequest(database.db, other, [{ action: "cloud:read" }], at(2));
    await settle();
  });

  test("true ones pass, of both kinds of key, and are counted", async () => {
    expect(await verify()).toMatchObject({ outcome: "clean", signaturesChecked: 2, checked: 14 });
    expect((await verify({ withSignatures: false })).statement.join(" ")).toContain(
      "Not checked: the agents' signatures",
    );
  });

  test.each([
    [
      "bytes of the payload",
      "update audit_payloads set bytes = '\\x5b5d', encoding = 'identity' where record_id = $1",
    ],
    ["a payload that does not unpack", "update audit_payloads set bytes = '\\xffff' where record_id = $1"],
    [
      "the signature",
      "update audit_payloads set signature = set_byte(signature, 0, 255 - get_byte(signature, 0)) where record_id = $1",
    ],
    [
      "what was signed",
      "update audit_payloads set signature_base = replace(signature_base, 'POST', 'PUT') where record_id = $1",
    ],
    ["the salt", "update audit_payloads set salt = '\\x00' where record_id = $1"],
    ["the whole payload", "delete from audit_payloads where record_id = $1"],
  ])("%s changed", async (_, change) => {
    const id = await recordOf(13);
    await tamper(change, [id]);
    const { findings } = await verify();
    expect(findings).toEqual([
      expect.objectContaining({ class: "bad-agent-signature", fromSeq: 13, toSeq: 13, recordId: id }),
    ]);
  });

  test("the agent's registered key replaced by another", async () => {
    await tamper(
      "update credentials set public_jwk = (select public_jwk from credentials where key_id = $2) where key_id = $1",
      [agent.keyId, other.keyId],
    );
    expect(await ranges()).toEqual([["bad-agent-signature", 13, 13]]);
  });

  test("a request signed by another agent's key, or outside the key's time", async () => {
    await writeSignedRequest(
      database.db,
      { ...other, id: agent.id, did: agent.did, name: agent.name },
      [{ a: 1 }],
      at(3),
    );
    await writeSignedRequest(database.db, agent, [{ a: 1 }], at(2 * 86_400));
    await settle();
    expect(await ranges()).toEqual([["bad-agent-signature", 15, 16]]);
  });
});
