import { previewClock } from "../server/incidents/preview-clock.ts";
import { VigilError } from "../server/kernel/errors.ts";

const USAGE =
  "usage: vigil clock <regime> --anchor <event>=<instant with offset>\n  vigil clock us-36h --anchor determined=2026-03-07T20:00:00-05:00\n";

/**
 * `vigil clock`: prints, as one line of JSON, when a clock is due that starts with this event.
 *
 * @returns 0, or 2 where the question cannot be answered; the reason goes to stderr.
 */
export async function run(args: string[]): Promise<number> {
  const anchor = /^([a-z-]+)=(.+)$/.exec(anchorOf(args) ?? "");
  const [regime] = args;
  if (!regime || regime.startsWith("-") || !anchor?.[1] || !anchor[2]) {
    process.stderr.write(USAGE);
    return 2;
  }
  try {
    process.stdout.write(`${JSON.stringify(previewClock({ regime, event: anchor[1], at: anchor[2] }))}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof VigilError)) throw error;
    process.stderr.write(`vigil clock: ${error.message}\n`);
    return 2;
  }
}

/** The anchor of `<regime> --anchor x` or `<regime> --anchor=x`; anything else is a mistake. */
function anchorOf([, flag, value, ...more]: string[]): string | undefined {
  if (flag?.startsWith("--anchor=") && value === undefined) return flag.slice("--anchor=".length);
  return flag === "--anchor" && more.length === 0 ? value : undefined;
}
