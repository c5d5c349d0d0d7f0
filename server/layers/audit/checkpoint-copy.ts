import { existsSync, mkdirSync } from "node:fs";
import { appendFile, open, readFile, rename, stat } from "node:fs/promises";
import path from "node:path";

/** One checkpoint as it was copied: the note is what counts, size and root only say where to look. */
export type CopiedCheckpoint = { size: number; root: Buffer; note: string; at: string };

/** A copy of the checkpoints outside the database: what shows that the database itself went back. */
export type CheckpointCopy = {
  last: () => Promise<CopiedCheckpoint | null>;
  append: (checkpoint: CopiedCheckpoint) => Promise<void>;
  /** Keeps the log's public key beside the copy, as one line; a key that is kept already stays. */
  keepKey: (verifier: string) => Promise<void>;
};

const FILE = "checkpoints.log";
const KEY_FILE = "checkpoint-key.txt";
const TAIL_BYTES = 8 * 1024;
/** Beyond this the older half of the copy keeps every second line: it grows ever slower, and stays whole in time. */
const COPY_BYTES_MAX = 8 * 1024 * 1024;

/** Where the copy lies. */
export function checkpointCopyPath(dataDir: string): string {
  return path.join(dataDir, FILE);
}

/** Where the public keys that sign checkpoints are kept, one a line. */
export function checkpointKeyPath(dataDir: string): string {
  return path.join(dataDir, KEY_FILE);
}

/** The copy in the data folder: one JSON line a checkpoint, on the disk before `append` returns. */
export function checkpointCopy(dataDir: string): CheckpointCopy {
  const file = checkpointCopyPath(dataDir);
  const keyFile = checkpointKeyPath(dataDir);
  return {
    keepKey: async (verifier) => {
      mkdirSync(dataDir, { recursive: true });
      const kept = existsSync(keyFile) ? (await readFile(keyFile, "utf8")).split("\n") : [];
      if (!kept.includes(verifier)) await appendFile(keyFile, `${verifier}\n`, { mode: 0o644 });
    },
    last: async () => {
      const lines = parseCopy(await tail(file)).checkpoints;
      return lines[lines.length - 1] ?? null;
    },
    append: async (checkpoint) => {
      mkdirSync(dataDir, { recursive: true });
      const torn = existsSync(file) && !(await tail(file)).endsWith("\n");
      const handle = await open(file, "a", 0o600);
      try {
        await handle.appendFile(`${torn ? "\n" : ""}${copyLine(checkpoint)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      if ((await stat(file)).size > COPY_BYTES_MAX) await thinOut(file);
    },
  };
}

async function thinOut(file: string): Promise<void> {
  const { checkpoints } = await readCheckpointCopy(file);
  const half = Math.floor(checkpoints.length / 2);
  const kept = checkpoints.filter((_, i) => i >= half || i % 2 === 0);
  const handle = await open(`${file}.new`, "w", 0o600);
  try {
    await handle.writeFile(kept.map((one) => `${copyLine(one)}\n`).join(""));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}

/** Every checkpoint of a copy, and how many of its lines are none. @throws where the file cannot be read. */
export async function readCheckpointCopy(
  file: string,
): Promise<{ checkpoints: CopiedCheckpoint[]; unreadable: number }> {
  return parseCopy(await readFile(file, "utf8"));
}

function copyLine({ size, root, note, at }: CopiedCheckpoint): string {
  return JSON.stringify({ size, root: root.toString("hex"), note, at });
}

function parseCopy(text: string): { checkpoints: CopiedCheckpoint[]; unreadable: number } {
  const lines = text.split("\n").filter((line) => line !== "");
  const checkpoints = lines.flatMap((line) => parseLine(line) ?? []);
  return { checkpoints, unreadable: lines.length - checkpoints.length };
}

function parseLine(line: string): CopiedCheckpoint | null {
  try {
    const { size, root, note, at } = JSON.parse(line) as Record<string, unknown>;
    if (!Number.isSafeInteger(size) || typeof root !== "string" || typeof note !== "string") return null;
    if (!/^[0-9a-f]{64}$/.test(root)) return null;
    return { size: Number(size), root: Buffer.from(root, "hex"), note, at: String(at) };
  } catch {
    return null;
  }
}

/** The end of the file: a crash can only have torn its last line. */
async function tail(file: string): Promise<string> {
  if (!existsSync(file)) return "";
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.subarray(0, bytesRead).toString("utf8");
  } finally {
    await handle.close();
  }
}
