import { fork } from "node:child_process";
import path from "node:path";
import type { TestAgent } from "../../server/gateway/testing/test-agent.ts";
import type { LoadAgent, LoadOrder, LoadResult } from "./load.ts";
import type { TokenClient, TokenOrder } from "./token-load.ts";

/**
 * Runs the load in its own process and gives its latencies, sorted.
 *
 * @param onWarm called when the load has run for its `warmSeconds` and measuring begins.
 * @throws Error where a request was not admitted.
 */
export async function runLoad(
  order: LoadOrder | TokenOrder,
  onWarm: () => void = () => undefined,
): Promise<LoadResult> {
  const script = "clients" in order ? "token-load.ts" : "load.ts";
  const child = fork(path.join(import.meta.dirname, script), ["load"], {
    serialization: "advanced",
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  child.send(order);
  const result = await new Promise<LoadResult>((resolve, reject) => {
    child.on("message", (message) => {
      if (message === "warm") onWarm();
      else resolve(message as LoadResult);
    });
    child.once("exit", (code) => reject(new Error(`the load process ended with ${code}`)));
  });
  if (Object.keys(result.wrong).length > 0)
    throw new Error(`requests were not admitted: ${JSON.stringify(result.wrong)}`);
  result.latenciesMs.sort((a, b) => a - b);
  result.lateMs.sort((a, b) => a - b);
  return result;
}

/** What the load process needs of an agent. */
export async function loadAgent(agent: TestAgent): Promise<LoadAgent> {
  const { keyPem, keyId } = agent.credential("signature");
  const transport = agent.credential("transport");
  return {
    token: (await agent.token()).token,
    rootPem: agent.rootPem,
    transport: { keyPem: transport.keyPem, certificatePem: transport.certificatePem },
    signature: { keyPem, keyId },
  };
}

/** What the load process needs of an agent that asks for tokens. */
export function tokenClient(agent: TestAgent, issuer: string): TokenClient {
  const { keyPem, keyId } = agent.credential("oauth");
  const transport = agent.credential("transport");
  return {
    ...{ did: agent.did, issuer, rootPem: agent.rootPem, oauth: { keyPem, keyId } },
    transport: { keyPem: transport.keyPem, certificatePem: transport.certificatePem },
  };
}
