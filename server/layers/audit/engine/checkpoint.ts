import type { KeyObject } from "node:crypto";
import { type NoteVerifier, openNote, signNote } from "../../../kernel/signed-note.ts";
import { HASH_BYTES } from "./merkle.ts";

/** What a checkpoint says: this log had this root at this size (C2SP tlog-checkpoint). */
export type Checkpoint = { origin: string; size: number; root: Buffer };

const SIZE = /^(0|[1-9]\d{0,15})$/;

/** Signs a checkpoint. The key's name is the log's origin, as the specification asks. */
export function signCheckpointNote(checkpoint: Checkpoint, privateKey: KeyObject): string {
  const text = `${checkpoint.origin}\n${checkpoint.size}\n${checkpoint.root.toString("base64")}\n`;
  return signNote(text, { name: checkpoint.origin, privateKey });
}

/** A checkpoint read from a note; `problem` says why it cannot be believed. */
export type ReadCheckpoint =
  | { checkpoint: Checkpoint; keyIds: string[]; problem: null }
  | { checkpoint: null; keyIds: []; problem: { signature: boolean; detail: string } };

/**
 * Reads a checkpoint that may come from anybody. `problem.signature` tells a signature that no known key
 * made from a text that is no checkpoint.
 */
export function readCheckpoint(note: string, verifiers: readonly NoteVerifier[]): ReadCheckpoint {
  const failed = (signature: boolean, detail: string): ReadCheckpoint => ({
    checkpoint: null,
    keyIds: [],
    problem: { signature, detail },
  });
  const opened = openNote(note, verifiers);
  if (opened.outcome !== "signed") return failed(opened.outcome !== "malformed", opened.detail);
  const [origin = "", sizeText = "", rootText = "", ...extensions] = opened.text.slice(0, -1).split("\n");
  const root = Buffer.from(rootText, "base64");
  const size = Number(sizeText);
  const wellFormed =
    origin !== "" &&
    SIZE.test(sizeText) &&
    Number.isSafeInteger(size) &&
    root.length === HASH_BYTES &&
    root.toString("base64") === rootText &&
    extensions.every((line) => line !== "");
  if (!wellFormed) return failed(false, "The signed text is not a checkpoint: origin, size and root.");
  return { checkpoint: { origin, size, root }, keyIds: opened.keyIds, problem: null };
}
