import type { JsonWebKey } from "node:crypto";
import type { Database } from "../../../db/client.ts";
import { type NoteVerifier, noteVerifier } from "../../kernel/signed-note.ts";
import { type ChainHead, readCheckpointKeys, readHead } from "./chain-store.ts";
import { type Anchor, anchorsOf, anchorsOfCopy } from "./engine/check-checkpoint.ts";
import { createFindings, type Findings } from "./engine/findings.ts";
import { emptyFrontier, type Frontier } from "./engine/merkle.ts";
import {
  type Place,
  readCheckpointBelow,
  readDids,
  readEntries,
  readLargestCheckpoint,
} from "./verification-store.ts";

export type VerifyOptions = {
  fromSeq: number;
  /** Null: the head as it is now. */
  toSeq: number | null;
  withSignatures: boolean;
  /** Keys that are trusted, from outside the database; null takes those that it registers. */
  trustedKeys: readonly NoteVerifier[] | null;
  /** Checkpoints copied outside the database; null where there is no copy. */
  copies: readonly { note: string }[] | null;
  onProgress?: (checked: number, total: number) => void;
};

/** What a verification works with: where it begins and ends, and what it holds the entries against. */
export type VerificationScope = {
  head: ChainHead;
  /** The largest checkpoint that was signed before the head was read. */
  largestSigned: Awaited<ReturnType<typeof readLargestCheckpoint>>;
  toSeq: number;
  /** Behind this entry it begins: the last of a trusted checkpoint, or 0. */
  start: { seq: number; hash: Buffer | null; frontier: Frontier; place: Place };
  verifiers: readonly NoteVerifier[];
  copies: { anchors: Anchor[]; untrusted: number };
  dids: ReadonlyMap<string, string>;
  findings: Findings;
};

/** Settles the scope of a verification, from the database as it is at this moment. */
export async function openVerification(db: Database, options: VerifyOptions): Promise<VerificationScope> {
  // Before the head: what is signed while the verification runs covers entries behind it, and shows no cut.
  const largestSigned = await readLargestCheckpoint(db, 0);
  const { head } = await readHead(db);
  const toSeq = Math.min(options.toSeq ?? head.seq, head.seq);
  const verifiers = options.trustedKeys ?? (await registeredKeys(db));
  return {
    head,
    largestSigned,
    toSeq,
    start: await startBefore(db, Math.min(options.fromSeq, toSeq + 1), verifiers),
    verifiers,
    copies: anchorsOfCopy(options.copies ?? [], verifiers),
    dids: await readDids(db),
    findings: createFindings(),
  };
}

/** What was signed beyond the end of the chain; one is enough to show that the end was cut. */
export function anchorsBeyond({ head, largestSigned, verifiers, findings }: VerificationScope): Anchor[] {
  if (!largestSigned || largestSigned.size <= head.seq) return [];
  return anchorsOf([largestSigned], verifiers, head.seq, findings);
}

async function registeredKeys(db: Database): Promise<NoteVerifier[]> {
  return (await readCheckpointKeys(db)).flatMap(({ name, publicJwk }) => {
    try {
      return [noteVerifier(name, publicJwk as JsonWebKey)];
    } catch {
      return [];
    }
  });
}

/** The trusted checkpoint in front of the range, with the entry it ends in; the first entry where there is none. */
async function startBefore(
  db: Database,
  fromSeq: number,
  verifiers: readonly NoteVerifier[],
): Promise<VerificationScope["start"]> {
  const row = fromSeq > 1 ? await readCheckpointBelow(db, fromSeq - 1) : null;
  const [anchor] = row ? anchorsOf([row], verifiers, 0, createFindings()) : [];
  const [entry] = anchor ? await readEntries(db, anchor.size - 1, anchor.size, 1) : [];
  return anchor?.frontier && entry
    ? { seq: anchor.size, hash: entry.hash, frontier: anchor.frontier, place: entry }
    : { seq: 0, hash: Buffer.alloc(32), frontier: emptyFrontier(), place: { xid: "0", ord: 0 } };
}
