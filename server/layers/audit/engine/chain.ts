import { hash } from "node:crypto";

/** What the first entry follows: 32 zero bytes. */
export const GENESIS_HASH = Buffer.alloc(32);

/** The version stands in the text itself, so that a later format can never be taken for this one. */
const CHAIN_VERSION = "vigil-chain/v1";

/** The text of a chain entry: what is hashed into the chain and what the tree's leaf is made of. */
export function entryText(seq: number, prevHash: Buffer, recordDigest: Buffer): string {
  return `${CHAIN_VERSION}\n${seq}\n${prevHash.toString("hex")}\n${recordDigest.toString("hex")}\n`;
}

/** Hash of a chain entry: SHA-256 of its text. The next entry follows it. */
export function entryHash(seq: number, prevHash: Buffer, recordDigest: Buffer): Buffer {
  return hash("sha256", entryText(seq, prevHash, recordDigest), "buffer");
}

/** Both hashes of an entry's text at once: its place in the chain and its leaf in the tree (RFC 6962 §2.1). */
export function entryHashes(
  seq: number,
  prevHash: Buffer,
  recordDigest: Buffer,
): { entry: Buffer; leaf: Buffer } {
  const text = entryText(seq, prevHash, recordDigest);
  return { entry: hash("sha256", text, "buffer"), leaf: hash("sha256", `\0${text}`, "buffer") };
}

export type NewEntry = { seq: number; recordId: string; prevHash: Buffer; hash: Buffer };

/** The entries that give these records their numbers, in their order, behind the head. */
export function chainBehind(
  head: { seq: number; hash: Buffer },
  records: readonly { id: string; digest: Buffer }[],
): NewEntry[] {
  let { seq, hash: prevHash } = head;
  return records.map((record) => {
    seq += 1;
    const entry = { seq, recordId: record.id, prevHash, hash: entryHash(seq, prevHash, record.digest) };
    prevHash = entry.hash;
    return entry;
  });
}
