import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { AgentError } from "../agent/errors.ts";

const SUBCOMMANDS = ["enrol", "report", "run", "import", "serve", "call", "check"] as const;
const CANNOT = 2;

/** `vigil agent enrol|report|run|import|serve|call|check …`: what runs beside an agent. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const [name = "", ...rest] = args;
  const file = path.join(import.meta.dirname, `agent-${name}.ts`);
  if (!SUBCOMMANDS.some((each) => each === name) || !existsSync(file)) {
    process.stderr.write(`usage: vigil agent ${SUBCOMMANDS.join("|")} …\n`);
    return CANNOT;
  }
  try {
    const subcommand = (await import(pathToFileURL(file).href)) as {
      run: (args: string[]) => Promise<number>;
    };
    return await subcommand.run(rest);
  } catch (error) {
    const code = error instanceof AgentError ? `${error.code}: ` : "";
    process.stderr.write(`vigil agent ${name}: ${code}${error instanceof Error ? error.message : error}\n`);
    return CANNOT;
  }
}
