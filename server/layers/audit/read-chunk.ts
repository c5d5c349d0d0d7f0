import type { Database } from "../../../db/client.ts";
import type { StoredRecord } from "./engine/check-record.ts";
import { isBefore } from "./engine/walk-chain.ts";
import {
  type ChainRow,
  type Place,
  readEntries,
  readRecordsBetween,
  readRecordsById,
  readUnchained,
} from "./verification-store.ts";

const CHUNK_ENTRIES = 4_000;

/** A stretch of the chain with its records, and the records that should lie in it and do not. */
export type Chunk = {
  rows: (ChainRow & { record: StoredRecord | null })[];
  lastSeq: number;
  /** How far in commit order records were read. */
  place: Place;
  /** Records between these entries that no entry names; `seq` is the entry they lie before. */
  unchained: { recordId: string; seq: number }[];
};

/**
 * Reads a stretch of the chain and its records side by side, both in their own order: an intact log needs no
 * look-up by id. What does not fit is looked up, so nothing depends on the log being intact.
 */
export async function readChunk(db: Database, after: number, upTo: number, place: Place): Promise<Chunk> {
  const entries = await readEntries(db, after, upTo, CHUNK_ENTRIES);
  const lastSeq = entries[entries.length - 1]?.seq ?? after;
  let end = place;
  for (const entry of entries) if (isBefore(end, entry)) end = { xid: entry.xid, ord: entry.ord };
  const found = await readRecordsBetween(db, place, end, 2 * CHUNK_ENTRIES);
  const records = new Map(found.map((record) => [record.id, record]));
  const elsewhere = entries.flatMap(({ recordId }) => (records.has(recordId) ? [] : [recordId]));
  for (const record of await readRecordsById(db, elsewhere)) records.set(record.id, record);
  const rows = entries.map((entry) => ({ ...entry, record: records.get(entry.recordId) ?? null }));
  return { rows, lastSeq, place: end, unchained: await findUnchained(db, found, entries) };
}

async function findUnchained(
  db: Database,
  found: readonly StoredRecord[],
  entries: readonly ChainRow[],
): Promise<Chunk["unchained"]> {
  const named = new Set(entries.map(({ recordId }) => recordId));
  const extra = found.filter(({ id }) => !named.has(id));
  const unchained = await readUnchained(
    db,
    extra.map(({ id }) => id),
  );
  return extra
    .filter(({ id }) => unchained.has(id))
    .map((record) => ({
      recordId: record.id,
      seq: entries.find((entry) => isBefore(record, entry))?.seq ?? entries[entries.length - 1]?.seq ?? 0,
    }));
}
