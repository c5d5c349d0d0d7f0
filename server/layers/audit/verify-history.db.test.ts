import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { noteVerifier } from "../../kernel/signed-note.ts";
import { entryHash, entryText } from "./engine/chain.ts";
import { signCheckpointNote } from "./engine/checkpoint.ts";
import { appendLeaf, emptyFrontier, frontierBytes, leafHash, rootOf } from "./engine/merkle.ts";
import { type AttackedLog, EDIT_BODY, openAttackedLog } from "./testing/attacked-log.ts";
import { makeCheckpointKey } from "./testing/audit-log.ts";

let log: AttackedLog;
beforeEach(async () => {
  log = await openAttackedLog();
});
afterEach(() => log.close());

describe("history rewritten", () => {
  const rewrite = async () => {
    await log.tamper(`${EDIT_BODY} where id = $1`, [await log.recordOf(6)]);
    await log.tamper("update audit_records set digest = sha256(body) where id = $1", [await log.recordOf(6)]);
    await log.rehashFrom(6);
  };

  /** Signs every stretch anew with another key. */
  const resign = async (key: Awaited<ReturnType<typeof makeCheckpointKey>>, origin: string) => {
    const verifier = noteVerifier(origin, key.publicKey);
    const rows = await log.query(
      "select c.seq, c.prev_hash, r.digest from audit_chain c join audit_records r on r.id = c.record_id order by c.seq",
    );
    const tree = emptyFrontier();
    for (const { seq, prev_hash, digest } of rows) {
      appendLeaf(tree, leafHash(Buffer.from(entryText(seq, prev_hash, digest))));
      const root = rootOf(tree);
      await log.tamper(
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
    expect(await log.ranges()).toEqual([["fork", 5, 12]]);
    expect(await log.ranges({ copies: null })).toEqual([["fork", 5, 12]]);
  });

  test("and the checkpoints signed anew with another key", async () => {
    const trusted = await log.trustedKey();
    await rewrite();
    await resign(await makeCheckpointKey(), trusted.name);
    expect(await log.ranges({ trustedKeys: [trusted], copies: null })).toEqual([["wrong-key", 1, 12]]);
    expect(await log.ranges({ trustedKeys: [trusted] })).toEqual([
      ["wrong-key", 1, 12],
      ["fork", 5, 12],
    ]);
  });

  test("and that key put into the database in place of the old one", async () => {
    const trusted = await log.trustedKey();
    await rewrite();
    const key = await makeCheckpointKey();
    const verifier = await resign(key, trusted.name);
    await log.tamper("update audit_keys set key_id = $1, public_jwk = $2", [verifier.keyId, key.publicJwk]);
    expect(await log.ranges({ trustedKeys: null })).toEqual([["wrong-key", 1, 12]]);
    await log.tamper("insert into audit_keys values ($1, $2, 'checkpoint', $3, now())", [
      trusted.keyId,
      trusted.name,
      log.key.publicJwk,
    ]);
    expect(await log.ranges({ trustedKeys: null })).toEqual([["fork", 5, 12]]);
  });

  test("one entry put onto another predecessor, as a second history would", async () => {
    await log.asAttacker(async (client) => {
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
    expect(await log.ranges()).toEqual([["fork", 12, 12]]);
  });

  test("the tree stored with a checkpoint", async () => {
    await log.tamper(
      "update audit_checkpoints set frontier = set_byte(frontier, 3, 255 - get_byte(frontier, 3)) where size = 8",
    );
    expect(await log.ranges()).toEqual([["edit", 5, 8]]);
  });

  test("damage in one stretch does not hide what lies behind it", async () => {
    await log.tamper(
      "delete from audit_records where id = (select record_id from audit_chain where seq = 2)",
    );
    await log.tamper(`${EDIT_BODY} where id = $1`, [await log.recordOf(10)]);
    await log.tamper("update audit_records set digest = sha256(body) where id = $1", [
      await log.recordOf(10),
    ]);
    await log.rehashFrom(10);
    expect(await log.ranges()).toEqual([
      ["delete", 2, 2],
      ["fork", 9, 12],
    ]);
  });
});

describe("the end cut off", () => {
  const cut = async (to: number) => {
    await log.tamper(
      "delete from audit_records where id in (select record_id from audit_chain where seq > $1)",
      [to],
    );
    await log.tamper("delete from audit_chain where seq > $1", [to]);
  };

  test("entries behind a checkpoint", async () => {
    await cut(10);
    expect(await log.ranges({ copies: null })).toEqual([["cut-tail", 11, 12]]);
  });

  test("entries and their checkpoints: the copy outside the database still knows", async () => {
    await cut(8);
    await log.tamper("delete from audit_checkpoints where size > 8");
    expect(await log.ranges({ copies: null })).toEqual([]);
    expect(await log.ranges()).toEqual([["cut-tail", 9, 12]]);
  });

  test("everything", async () => {
    const trusted = await log.trustedKey();
    await log.tamper("truncate audit_chain, audit_records, audit_checkpoints, audit_payloads");
    expect(await log.ranges({ trustedKeys: [trusted] })).toEqual([["cut-tail", 1, 12]]);
  });
});
