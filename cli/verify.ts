import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { createDatabase, type Database } from "../db/client.ts";
import { embeddedUrls } from "../db/embedded.ts";
import { type NoteVerifier, parseVerifier } from "../server/kernel/signed-note.ts";
import {
  checkpointCopyPath,
  checkpointKeyPath,
  readCheckpointCopy,
} from "../server/layers/audit/checkpoint-copy.ts";
import { type VerificationReport, verifyLog } from "../server/layers/audit/verify-log.ts";
import { verifyReceipt } from "../server/layers/audit/verify-receipt.ts";

const USAGE = `vigil verify [--database-url <url> | --data-dir <directory>] [--json]
  [--checkpoints <file>]  compare with checkpoints copied outside the database
  [--key <line or file>]  trust this checkpoint key (name+id+base64) and no other
  [--from <n>] [--to <n>] [--no-signatures]
  [--receipt <file>]      hold one receipt against the log instead
Exit code: 0 clean, 1 findings, 2 it could not be verified.`;

const EXIT = { clean: 0, findings: 1, cannot: 2 } as const;
const PROGRESS_MS = 500;

type Source = { url: string; copy: string | null; key: string | null };

/** Verifies the audit log straight from PostgreSQL, with the reader's role and nothing of the running console. */
export async function run(args: string[]): Promise<number> {
  const options = {
    "database-url": { type: "string" },
    "data-dir": { type: "string" },
    json: { type: "boolean", default: false },
    checkpoints: { type: "string" },
    key: { type: "string" },
    from: { type: "string", default: "1" },
    to: { type: "string" },
    "no-signatures": { type: "boolean", default: false },
    receipt: { type: "string" },
    help: { type: "boolean", default: false },
  } as const;
  const { values } = parseArgs({ args, options });
  const fromSeq = Number(values.from);
  const toSeq = values.to === undefined ? null : Number(values.to);
  const numbers = [fromSeq, toSeq ?? 1].every((n) => Number.isSafeInteger(n) && n >= 1);
  if (values.help || !numbers || (values["database-url"] && values["data-dir"])) {
    process.stderr.write(`usage: ${USAGE}\n`);
    return values.help ? EXIT.clean : EXIT.cannot;
  }
  const source = sourceOf(values["database-url"], values["data-dir"]);
  const db = createDatabase(source.url, { applicationName: "vigil-verify", poolSize: 4 });
  try {
    if (values.receipt) return await checkReceipt(db, values.receipt, values.json);
    const copy = values.checkpoints ?? source.copy;
    const report = await verifyLog(db, {
      fromSeq,
      toSeq,
      withSignatures: !values["no-signatures"],
      trustedKeys: trustedKeys(values.key ?? source.key),
      copies: copy === null ? null : (await readCheckpointCopy(copy)).checkpoints,
      onProgress: values.json ? undefined : progressLine(),
    });
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : printed(report));
    return report.outcome === "empty" ? EXIT.cannot : EXIT[report.outcome];
  } catch (error) {
    const { cause, message } = error as Error;
    throw cause instanceof Error
      ? new Error(
          `the database cannot be read: ${cause.message || String((cause as { code?: string }).code)}`,
        )
      : new Error(message);
  } finally {
    await db.$client.end();
  }
}

/** Where to read, and what of the data folder can be held against it. */
function sourceOf(databaseUrl: string | undefined, dataDir = "./.vigil"): Source {
  if (databaseUrl) return { url: databaseUrl, copy: null, key: null };
  const directory = path.resolve(dataDir);
  const urls = embeddedUrls(directory);
  if (!urls)
    throw new Error(`No database of Vigil's own lies in ${directory}. Give --data-dir or --database-url.`);
  const there = (file: string) => (existsSync(file) ? file : null);
  return {
    url: urls.reader,
    copy: there(checkpointCopyPath(directory)),
    key: there(checkpointKeyPath(directory)),
  };
}

/** The key as a line, or a file with one key a line. */
function trustedKeys(given: string | null): NoteVerifier[] | null {
  if (given === null) return null;
  const lines = existsSync(given) ? readFileSync(given, "utf8").split("\n").filter(Boolean) : [given];
  return lines.map((line) => {
    const verifier = parseVerifier(line);
    if (!verifier) throw new Error("The checkpoint key is none: it reads name+id+base64.");
    return verifier;
  });
}

async function checkReceipt(db: Database, file: string, json: boolean): Promise<number> {
  const text = readFileSync(file, "utf8").trim();
  const receipt = text.startsWith("{") ? String((JSON.parse(text) as { receipt?: unknown }).receipt) : text;
  const report = await verifyReceipt(db, receipt, new Date());
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${plain(report.detail)}\n`);
  if (report.outcome === "unusable") return EXIT.cannot;
  return report.outcome === "kept" ? EXIT.clean : EXIT.findings;
}

function progressLine(): (checked: number, total: number) => void {
  let saidAt = performance.now();
  return (checked, total) => {
    if (performance.now() - saidAt < PROGRESS_MS) return;
    saidAt = performance.now();
    process.stderr.write(
      `${checked.toLocaleString("en")} of ${total.toLocaleString("en")} entries checked\n`,
    );
  };
}

function printed({ outcome, findings, statement, checked }: VerificationReport): string {
  const [first] = findings;
  const verdict = {
    clean: `CLEAN: ${checked.toLocaleString("en")} entries checked, nothing found.`,
    findings: `FINDINGS: ${findings.length}.`,
    empty: "NOTHING TO VERIFY.",
  }[outcome];
  const lines = [verdict];
  if (first)
    lines.push(
      `First bad record: number ${first.fromSeq}${first.recordId ? `, ${first.recordId}` : ""} (${first.class}).`,
      ...findings.map((it) => `  ${rangeOf(it.fromSeq, it.toSeq)}  ${it.class}: ${it.detail}`),
    );
  return `${[...lines, "", ...statement.map((sentence) => `- ${sentence}`)].map(plain).join("\n")}\n`;
}

const rangeOf = (from: number, to: number) => (from === to ? `${from}` : `${from}-${to}`);

/** A tampered log chooses some of these words: no control character of theirs reaches the terminal. */
const plain = (text: string) => text.replace(/[\p{Cc}\p{Cf}]/gu, "\uFFFD");
