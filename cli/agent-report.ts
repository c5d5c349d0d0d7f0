import { parseArgs } from "node:util";
import { AgentError } from "../agent/errors.ts";
import { readActionLines } from "../agent/read-action-lines.ts";
import { replay } from "../agent/replay.ts";
import { createTally } from "../agent/tally.ts";
import { openAgent } from "../agent/vigil-agent.ts";
import { ACTION_LIMITS } from "../server/layers/monitoring/action.ts";

const USAGE =
  "vigil agent report --dir <directory> [--scope <scope>]… [--rebase-to-now] [--at-recorded-pace <factor>] [--batch <1-1000>] < actions.ndjson";
const LINGER_MS = 250;

/**
 * Reports the actions on stdin, one JSON object a line, and prints one line of JSON: how many were sent,
 * admitted and refused, by reason. A request refused as a whole counts for all its actions, and the rest is
 * still reported.
 *
 * @returns the exit code: 0 all admitted, 1 some refused, 2 it could not be done.
 */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      dir: { type: "string" },
      scope: { type: "string", multiple: true, default: [] },
      "rebase-to-now": { type: "boolean", default: false },
      "at-recorded-pace": { type: "string" },
      batch: { type: "string", default: String(ACTION_LIMITS.perRequestMax) },
    },
  });
  const pace = values["at-recorded-pace"] === undefined ? null : Number(values["at-recorded-pace"]);
  const batchMax = Number(values.batch);
  const paceIsWrong = pace !== null && !(pace > 0 && Number.isFinite(pace));
  const batchIsWrong = !Number.isInteger(batchMax) || batchMax < 1 || batchMax > ACTION_LIMITS.perRequestMax;
  if (!values.dir || paceIsWrong || batchIsWrong) {
    process.stderr.write(`usage: ${USAGE}\n`);
    return 2;
  }
  const now = () => new Date();
  const agent = openAgent(values.dir, { scopes: values.scope, onWarning: warn });
  const { tally, count, countRefused } = createTally();
  const options = { rebaseToNow: values["rebase-to-now"], pace, batchMax, lingerMs: LINGER_MS, now };
  try {
    for await (const batch of replay(readActionLines(process.stdin), options)) {
      try {
        count(batch.length, await agent.report(batch));
      } catch (error) {
        if (!(error instanceof AgentError) || error.status !== 403) throw error;
        warn(error);
        countRefused(batch.length, error);
      }
    }
  } finally {
    process.stdout.write(`${JSON.stringify(tally)}\n`);
    await agent.close();
  }
  return tally.refused > 0 ? 1 : 0;
}

function warn(error: Error): void {
  process.stderr.write(`vigil agent report: ${error.message}\n`);
}
