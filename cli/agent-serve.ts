import { once } from "node:events";
import { parseArgs } from "node:util";
import { serveAgent } from "../agent/peer/serve-agent.ts";
import { openAgent } from "../agent/vigil-agent.ts";

const USAGE = "vigil agent serve --dir <directory> [--host <address>] [--port <n>]";

/**
 * Serves other agents' calls over mutual TLS until it is told to stop. Every call is allowed or refused by Vigil, and
 * answered with who called.
 *
 * @returns the exit code: 0 stopped, 2 it could not start.
 */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      dir: { type: "string" },
      host: { type: "string", default: "127.0.0.1" },
      port: { type: "string", default: "0" },
    },
  });
  const port = Number(values.port);
  if (!values.dir || !Number.isInteger(port) || port < 0 || port > 65_535) {
    process.stderr.write(`usage: ${USAGE}\n`);
    return 2;
  }
  const say = (line: string) => process.stderr.write(`vigil agent serve: ${line}\n`);
  const agent = openAgent(values.dir, { onWarning: (error) => say(error.message) });
  try {
    const { url, close } = await serveAgent(agent.peering, {
      ...{ host: values.host, port },
      onCall: ({ from }) => `You are ${from.agent}.`,
      onRefusal: ({ agent: who, code, message }) =>
        say(`refused ${who ?? "an unproved peer"}: ${code}: ${message}`),
    });
    process.stdout.write(`${JSON.stringify({ agent: agent.name, url })}\n`);
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    await close();
    return 0;
  } finally {
    await agent.close();
  }
}
