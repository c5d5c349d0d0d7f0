import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { enrol } from "../agent/enrol.ts";

const USAGE = "vigil agent enrol --url <https://…:8444> --token <vjt_…|-> --dir <directory> [--replace]";

/**
 * Enrols an agent into a directory. With `--token -` the token is read from stdin, so that it does not show
 * in the machine's list of processes.
 *
 * @returns the exit code: 0 enrolled, 2 not.
 */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      url: { type: "string" },
      token: { type: "string" },
      dir: { type: "string" },
      replace: { type: "boolean", default: false },
    },
  });
  const joinToken = values.token === "-" ? await text(process.stdin) : values.token;
  if (!values.url || !joinToken || !values.dir) {
    process.stderr.write(`usage: ${USAGE}\n`);
    return 2;
  }
  const order = { enrolUrl: values.url, joinToken, directory: values.dir, replace: values.replace };
  const { agent, did } = await enrol(order);
  process.stdout.write(`${JSON.stringify({ agent, did, directory: values.dir })}\n`);
  return 0;
}
