import { once } from "node:events";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { reportOf } from "../server/layers/monitoring/engine/evidence/report.ts";
import { evidenceScorer } from "../server/layers/monitoring/engine/evidence/scorer.ts";
import { hourOfWeek } from "../server/layers/monitoring/engine/hour-of-week.ts";
import { InputError } from "./csv.ts";
import { collect } from "./score-collect.ts";
import { learnJudges } from "./score-learn.ts";
import { scoreRows } from "./score-rows.ts";

const USAGE = `usage: vigil score --features <file.csv> [--step <n>s|m|h|d] [--time-zone <zone>] [--report <file.json>]
  Columns: entity, t, split and any numbers. Rows with split=train are learnt from, all others scored in their order:
  entity,t,score on stdout. t is an ISO instant (UTC where it names no offset) or an integer of steps (10m unless
  --step says otherwise) since a Monday 00:00. Scores 0.5, 0.7 and 0.9 stand for 1, 0.1 and 0.01 false alarms an
  entity and day. Exit code: 0 scored, 2 it could not be scored.
`;
const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PROGRESS_MS = 2_000;

type Options = { file: string; stepMs: number; timeZone: string; report: string | undefined };

/**
 * `vigil score`: learns from a file of features and scores its other rows, each by rows of its time or before alone.
 *
 * @returns 0, or 2 where it cannot be done; the reason, with the line of the file, goes to stderr.
 */
export async function run(args: string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    await scoreFile(readOptions(args));
    return 0;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`vigil score: ${error.message}\n`);
    return 2;
  }
}

async function scoreFile({ file, stepMs, timeZone, report }: Options): Promise<void> {
  const say = sayer();
  const hourOf = (atMs: number) => hourOfWeek(atMs, timeZone);
  const collected = await collect(file, stepMs, (rows) => say(`${rows} rows read`));
  if (collected.leftOut.length > 0)
    process.stderr.write(`vigil score: not a feature: ${collected.leftOut.join(", ")}\n`);
  const judges = learnJudges(collected, stepMs, hourOf, (done, of) =>
    say(`learnt ${done} of ${of} entities`),
  );
  if (report) writeFileSync(report, `${JSON.stringify(reportOf(evidenceScorer, judges), null, 2)}\n`);
  await write("entity,t,score\n");
  for await (const lines of scoreRows(file, collected, judges, stepMs, hourOf)) {
    await write(lines);
    say("scoring");
  }
}

function readOptions(args: string[]): Options {
  const { values } = parseOptions(args);
  const step = /^(\d{1,6})([smhd])$/.exec(values.step);
  const stepMs = step ? Number(step[1]) * UNITS_MS[step[2] as keyof typeof UNITS_MS] : 0;
  if (stepMs <= 0)
    throw new InputError(`--step is "${values.step}", not a number with s, m, h or d, such as 10m`);
  const timeZone = values["time-zone"];
  if (!isTimeZone(timeZone)) throw new InputError(`--time-zone is "${timeZone}", which is no time zone`);
  const file = values.features;
  if (!file) throw new InputError(`--features is missing\n${USAGE}`);
  if (!existsSync(file) || !statSync(file).isFile())
    throw new InputError(`${file} is not a file; it is read twice, so it cannot be a pipe`);
  return { file, stepMs, timeZone, report: values.report };
}

function parseOptions(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        features: { type: "string" },
        step: { type: "string", default: "10m" },
        "time-zone": { type: "string", default: "UTC" },
        report: { type: "string" },
      },
    });
  } catch (error) {
    throw new InputError(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Says how far the work has come, every two seconds at most. */
function sayer(): (words: string) => void {
  let saidAt = performance.now();
  return (words) => {
    if (performance.now() - saidAt < PROGRESS_MS) return;
    saidAt = performance.now();
    process.stderr.write(`vigil score: ${words}\n`);
  };
}

async function write(text: string): Promise<void> {
  if (text !== "" && !process.stdout.write(text)) await once(process.stdout, "drain");
}
