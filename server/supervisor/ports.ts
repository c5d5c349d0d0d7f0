import { createServer } from "node:net";
import type { Env } from "../env.ts";

/** @throws Error naming the first port that another program holds, and the variable that moves it. */
export async function requireFreePorts(
  env: Pick<Env, "consolePort" | "gatewayPort" | "enrolPort" | "hops">,
): Promise<void> {
  const wanted = [
    { port: env.consolePort, variable: "VIGIL_CONSOLE_PORT" },
    { port: env.gatewayPort, variable: "VIGIL_GATEWAY_PORT" },
    { port: env.enrolPort, variable: "VIGIL_ENROL_PORT" },
    ...(env.hops ? [{ port: env.hops.port, variable: "VIGIL_HOP_PORT" }] : []),
  ];
  for (const { port, variable } of wanted)
    if (!(await isFree(port)))
      throw new Error(
        `port ${port} is in use. End the program that holds it, or set ${variable} to a free one.`,
      );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer().once("error", () => resolve(false));
    probe.listen(port, () => probe.close(() => resolve(true)));
  });
}
