import { once } from "node:events";
import { parseArgs } from "node:util";
import { openSidecar } from "../agent/sidecar.ts";
import { openAgent } from "../agent/vigil-agent.ts";

/**
 * Runs the sidecar of an enrolled agent until it is told to stop: keeps its credentials renewed and passes
 * on what its program reports over the Unix socket in the directory.
 *
 * @returns the exit code: 0 stopped, 2 it could not start.
 */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { dir: { type: "string" }, scope: { type: "string", multiple: true, default: [] } },
  });
  if (!values.dir) {
    process.stderr.write("usage: vigil agent run --dir <directory> [--scope <scope>]…\n");
    return 2;
  }
  const agent = openAgent(values.dir, {
    scopes: values.scope,
    onWarning: (error) => process.stderr.write(`vigil agent run: ${error.message}\n`),
  });
  const { socket, server } = await openSidecar(values.dir, agent);
  process.stdout.write(`${JSON.stringify({ agent: agent.name, socket })}\n`);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  server.close();
  server.closeAllConnections();
  await agent.close();
  return 0;
}
