import { parseArgs } from "node:util";
import { previewClock } from "../server/incidents/preview-clock.ts";
import { VigilError } from "../server/kernel/errors.ts";

const USAGE = `usage: vigil clock <regime> --anchor <event>=<instant with offset> [--anchor …]
  vigil clock us-36h --anchor determined=2026-03-07T20:00:00-05:00
  vigil clock dora-initial --anchor aware=2026-03-27T10:00:00Z --anchor classified=2026-03-28T08:00:00Z
`;

/**
 * `vigil clock`: prints, as one line of JSON, when a clock is due that starts with these events.
 *
 * @returns 0, or 2 where the question cannot be answered; the reason goes to stderr.
 */
export async function run(args: string[]): Promise<number> {
  const asked = readArguments(args);
  if (!asked) {
    process.stderr.write(USAGE);
    return 2;
  }
  try {
    process.stdout.write(`${JSON.stringify(previewClock(asked))}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof VigilError)) throw error;
    process.stderr.write(`vigil clock: ${error.message}\n`);
    return 2;
  }
}

/** One regime and its anchors, each event once; anything else is a mistake. */
function readArguments(args: string[]): { regime: string; anchors: Record<string, string> } | null {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { anchor: { type: "string", multiple: true, default: [] } },
    });
    const [regime, ...more] = positionals;
    const pairs = values.anchor.map((text) => /^([a-z-]+)=(.+)$/.exec(text));
    if (!regime || more.length > 0 || pairs.includes(null)) return null;
    const anchors = Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
    return Object.keys(anchors).length === pairs.length ? { regime, anchors } : null;
  } catch {
    return null;
  }
}
