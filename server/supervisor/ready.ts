import { setTimeout as wait } from "node:timers/promises";
import type { Env } from "../env.ts";
import type { Setup } from "./prepare-installation.ts";

const READY_MS_MAX = 60_000;

/** Waits until the console says that every part is ready. @throws Error naming the parts that are not. */
export async function untilReady(env: Env): Promise<void> {
  let said = "no answer";
  for (let waited = 0; waited < READY_MS_MAX; waited += 250) {
    const answer = await fetch(`http://127.0.0.1:${env.consolePort}/api/health`).catch(() => null);
    if (answer?.ok) return;
    if (answer) said = await answer.text();
    await wait(250);
  }
  throw new Error(`Vigil did not become ready within ${READY_MS_MAX / 1000} s: ${said}`);
}

/** Tells the operator where to go. */
export function announce(env: Env, setup: Setup, say: (line: string) => void): void {
  say(`console   ${env.publicUrl}`);
  say(`gateway   ${env.gatewayUrl} (agents, mutual TLS) · ${env.enrolUrl} (enrolment)`);
  if (setup.setupUrl) say(`first visit: create the administrator within 24 hours at ${setup.setupUrl}`);
  say("ready; Ctrl-C stops everything");
}
