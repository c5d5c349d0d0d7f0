import { parseArgs } from "node:util";
import { AgentError } from "../agent/errors.ts";
import { openPeer } from "../agent/peer/open-peer.ts";
import { openAgent } from "../agent/vigil-agent.ts";
import { agentName } from "../server/layers/identity/schema.ts";

const USAGE =
  "vigil agent call --dir <directory> --peer <https://…> --expect <agent> --action <action> [--scope <scope>]… [--times <1-100>]";
const TIMES_MAX = 100;

/**
 * Calls another agent, which must be the expected one by its certificate, and prints its answer, a line for each time.
 *
 * @returns the exit code: 0 answered, 1 refused (by either side or by Vigil), 2 it could not be done.
 */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      dir: { type: "string" },
      peer: { type: "string" },
      expect: { type: "string" },
      action: { type: "string" },
      scope: { type: "string", multiple: true, default: [] },
      times: { type: "string", default: "1" },
    },
  });
  const { dir, peer, expect, action, scope } = values;
  const times = Number(values.times);
  const timesAreWrong = !Number.isInteger(times) || times < 1 || times > TIMES_MAX;
  const namesAreWrong =
    !agentName.safeParse(expect).success || !peer?.startsWith("https://") || !URL.canParse(peer);
  if (!dir || !peer || !expect || !action || timesAreWrong || namesAreWrong) {
    process.stderr.write(`usage: ${USAGE}\n`);
    return 2;
  }
  const agent = openAgent(dir, { scopes: scope });
  const to = openPeer(agent.peering, peer, expect);
  try {
    for (let time = 0; time < times; time++)
      process.stdout.write(`${JSON.stringify(await to.call(action))}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof AgentError) || error.code === "unreachable" || error.code === "trust_unavailable")
      throw error;
    const { code, message, facts } = error;
    process.stdout.write(`${JSON.stringify({ error: { code, message, facts } })}\n`);
    return 1;
  } finally {
    await to.close();
    await agent.close();
  }
}
