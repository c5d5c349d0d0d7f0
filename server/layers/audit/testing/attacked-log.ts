import type pg from "pg";
import { expect } from "vitest";
import { createTestDatabase } from "../../../../db/testing/test-database.ts";
import { type NoteVerifier, noteVerifier } from "../../../kernel/signed-note.ts";
import { checkpointCopyPath, readCheckpointCopy } from "../checkpoint-copy.ts";
import { entryHash } from "../engine/chain.ts";
import type { VerifyOptions } from "../open-verification.ts";
import { verifyLog } from "../verify-log.ts";
import { createAuditLog } from "./audit-log.ts";

/** Gives a record's text another member name: a change of few bytes that leaves it JSON. */
export const EDIT_BODY = `update audit_records
  set body = convert_to(replace(convert_from(body, 'UTF8'), '"count":', '"tally":'), 'UTF8')`;

/** A log of twelve entries, signed at 4, 8 and 12, with what an attacker who owns the database can do to it. */
export async function openAttackedLog() {
  const database = await createTestDatabase();
  const log = await createAuditLog(database.db);
  const query = async (sql: string, values: unknown[] = []) =>
    (await database.db.$client.query(sql, values)).rows;

  /** Chains and signs; transactions of other test files may keep a record waiting for a moment. */
  const settle = async () => {
    const waiting = async () => {
      await log.chain();
      const [row] = await query(
        "select (select count(*) from audit_records) - (select count(*) from audit_chain) as waiting",
      );
      return row.waiting;
    };
    await expect.poll(waiting, { timeout: 15_000 }).toBe(0);
    await log.sign();
  };
  for (let grown = 0; grown < 3; grown++) {
    for (let i = 0; i < 4; i++) await log.append(1);
    await settle();
  }

  const trustedKey = async (): Promise<NoteVerifier> => {
    const [row] = await query("select name from audit_keys where purpose = 'checkpoint' order by valid_from");
    return noteVerifier(row.name, log.key.publicKey);
  };
  const verify = async (options: Partial<VerifyOptions> = {}) =>
    verifyLog(database.db, {
      fromSeq: 1,
      toSeq: null,
      withSignatures: true,
      trustedKeys: [await trustedKey()],
      copies: (await readCheckpointCopy(checkpointCopyPath(log.dataDir))).checkpoints,
      ...options,
    });
  /** As a database owner who has switched off every trigger and foreign key. */
  const asAttacker = <T>(work: (client: pg.Client) => Promise<T>) =>
    database.asSuper(async (client) => {
      await client.query("set session_replication_role = replica");
      return work(client);
    });

  return {
    ...log,
    db: database.db,
    query,
    settle,
    trustedKey,
    verify,
    /** Findings as class and range. */
    ranges: async (options: Partial<VerifyOptions> = {}) =>
      (await verify(options)).findings.map(({ class: kind, fromSeq, toSeq }) => [kind, fromSeq, toSeq]),
    tamper: (sql: string, values: unknown[] = []) => asAttacker((client) => client.query(sql, values)),
    asAttacker,
    recordOf: async (seq: number): Promise<string> =>
      (await query("select record_id from audit_chain where seq = $1", [seq]))[0].record_id,
    /** Rewrites the chain's hashes from an entry on, so that every link holds again. */
    rehashFrom: (from: number) => asAttacker((client) => rehash(client, from)),
    close: async () => {
      log.close();
      await database.close();
    },
  };
}

export type AttackedLog = Awaited<ReturnType<typeof openAttackedLog>>;

async function rehash(client: pg.Client, from: number): Promise<void> {
  const { rows } = await client.query(
    `select c.seq, r.digest from audit_chain c join audit_records r on r.id = c.record_id
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
