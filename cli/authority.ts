import { createPrivateKey, type KeyObject } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { createDatabase, type Database } from "../db/client.ts";
import { readEnv } from "../server/env.ts";
import { serveRoot } from "../server/flows/serve-root.ts";
import { takeRootOffline } from "../server/flows/take-root-offline.ts";
import { InvalidInputError, VigilError } from "../server/kernel/errors.ts";

const USAGE = `usage: vigil authority sign [--root-key <file>]      certify the authorities that wait, sign the root's list
       vigil authority take-offline --out <file>     move the root's private key out of the database
It reads the environment that \`npm start\` reads, DATABASE_OWNER_URL and VIGIL_KEK among it. The key file is encrypted
with VIGIL_ROOT_PASSPHRASE, of 16 characters or more.`;
const PASSPHRASE_CHARS_MIN = 16;

/**
 * `vigil authority`: what only the root's key can do, for installations whose root is offline.
 *
 * @returns 0 done, 2 where it cannot be done; the reason goes to stderr.
 */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { "root-key": { type: "string" }, out: { type: "string" } },
  });
  const [verb] = positionals;
  const wellFormed = (verb === "sign" && !values.out) || (verb === "take-offline" && values.out);
  if (positionals.length !== 1 || !wellFormed) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const env = readEnv();
  if (!env.kek) return refuse("it needs the whole key-encryption key: set VIGIL_KEK, not VIGIL_ROLE_KEK.");
  const db = createDatabase(env.ownerUrl, { applicationName: "vigil-root", poolSize: 2 });
  try {
    return values.out
      ? await takeOffline(db, env.kek, values.out)
      : await sign(db, env.kek, values["root-key"]);
  } catch (error) {
    if (error instanceof VigilError) return refuse(error.message);
    throw error;
  } finally {
    await db.$client.end();
  }
}

async function sign(db: Database, kek: Buffer, file: string | undefined): Promise<number> {
  const key = file === undefined ? undefined : openKey(file);
  const { prepared, lists } = await serveRoot(db, kek, new Date(), key);
  process.stdout.write(`${JSON.stringify({ prepared, lists })}\n`);
  return 0;
}

/** @throws InvalidInputError `root_key_unreadable`. */
function openKey(file: string): KeyObject {
  try {
    return createPrivateKey({ key: readFileSync(file, "utf8"), passphrase: readEnv().rootPassphrase ?? "" });
  } catch {
    throw new InvalidInputError(
      "root_key_unreadable",
      `${file} cannot be opened: it must be the file of \`take-offline\`, and VIGIL_ROOT_PASSPHRASE its passphrase.`,
    );
  }
}

async function takeOffline(db: Database, kek: Buffer, out: string): Promise<number> {
  const passphrase = readEnv().rootPassphrase ?? "";
  if (passphrase.length < PASSPHRASE_CHARS_MIN)
    return refuse(`set VIGIL_ROOT_PASSPHRASE to ${PASSPHRASE_CHARS_MIN} characters or more.`);
  await takeRootOffline(db, { kek, passphrase, keep: (pem) => writeOnce(out, pem), now: new Date() });
  process.stderr.write(
    `The root's key is in ${out} and nowhere else but in older backups. Set VIGIL_ROOT_OFFLINE=1.\n`,
  );
  return 0;
}

/** The file must be new, and on the disk, before the copy in the database goes. */
function writeOnce(file: string, text: string): void {
  const descriptor = openSync(file, "wx", 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function refuse(why: string): number {
  process.stderr.write(`vigil authority: ${why}\n`);
  return 2;
}
