import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Action, action } from "../server/layers/monitoring/action.ts";
import { AgentError } from "./errors.ts";

/**
 * Actions from a stream of NDJSON, one a line; empty lines count for nothing.
 *
 * @throws AgentError `line_malformed`, naming the line.
 */
export async function* readActionLines(input: Readable): AsyncGenerator<Action> {
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    if (text.trim() === "") continue;
    yield parseLine(text, line);
  }
}

function parseLine(text: string, line: number): Action {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AgentError("line_malformed", 0, `Line ${line} is not JSON.`, { line });
  }
  const parsed = action.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "the action";
  throw new AgentError("line_malformed", 0, `Line ${line}: ${where}: ${issue?.message}`, { line });
}
