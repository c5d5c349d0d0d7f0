import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { openAgent, type VigilAgent } from "../../agent/vigil-agent.ts";
import { credentials } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { present } from "../kernel/ensure.ts";
import { PURPOSES } from "../layers/identity/schema.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { connect, makeAgent, send } from "./testing/test-agent.ts";

const SKEW_MS = 300_000;
const act = () => [{ action: "transactions.read", at: new Date().toISOString() }];
let database: TestDatabase;
let system: System;
let worker: ChildProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls, []);
  worker = await startWorker();
});
afterAll(async () => {
  await kill("SIGTERM");
  await system.close();
  await database.close();
});

/** A worker in a process of its own, which can be killed. */
async function startWorker(): Promise<ChildProcess> {
  const { env } = system;
  const child = fork(path.join(import.meta.dirname, "../worker/main.ts"), [], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "test",
      DATABASE_URL: env.databaseUrl,
      DATABASE_OWNER_URL: env.ownerUrl,
      VIGIL_DATA_DIR: env.dataDir,
      VIGIL_GATEWAY_PORT: String(env.gatewayPort),
      VIGIL_ENROL_PORT: String(env.enrolPort),
      VIGIL_KEK: present(env.kek, "the key-encryption key").toString("hex"),
      VIGIL_LOG_LEVEL: "error",
    },
  });
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`the worker ended with ${code}`)));
  });
  child.removeAllListeners("exit");
  return child;
}

function kill(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  return new Promise((resolve) => {
    worker.once("exit", () => resolve());
    worker.kill(signal);
  });
}

describe("an agent whose clock is wrong", () => {
  it.each([
    ["five minutes ahead", SKEW_MS],
    ["five minutes behind", -SKEW_MS],
    ["two hours behind", -24 * SKEW_MS],
  ])("by %s is served all the same: tokens, reports, renewals", async (words, ms) => {
    const made = await makeAgent(system, `skewed-${words.replaceAll(" ", "-")}`);
    await made.close();
    const agent = openAgent(path.join(system.folder, made.name), { now: () => new Date(Date.now() + ms) });
    expect((await agent.report(act())).admitted).toBe(1);
    await agent.renew("transport");
    await agent.renew("signature");
    expect((await agent.report(act())).admitted).toBe(1);
    await agent.close();
  });

  it("is refused where it does not follow: the signature still counts for 60 seconds alone", async () => {
    const agent = await makeAgent(system, "does-not-follow");
    const { headers, body } = await agent.sign("[]", { created: new Date(Date.now() - SKEW_MS) });
    const held = connect(agent.rootPem, agent.credential("transport"));
    const answer = await send(held, `${system.env.gatewayUrl}/v1/actions`, { headers, body });
    expect(answer.body.error).toMatchObject({ facts: { check: "signature-fresh" } });
    held.destroy();
    await agent.close();
  });
});

/** Reports while the work goes on, and says what was not admitted. */
async function whileReporting(
  agents: readonly VigilAgent[],
  work: () => Promise<unknown>,
): Promise<string[]> {
  const lost: string[] = [];
  let working = true;
  const lanes = agents.map(async (agent) => {
    while (working)
      await agent.report(act()).then(
        ({ admitted }) => admitted === 1 || lost.push(`${agent.name}: not admitted`),
        (error: Error) => lost.push(`${agent.name}: ${error.message}`),
      );
  });
  await work().finally(() => {
    working = false;
  });
  await Promise.all(lanes);
  return lost;
}

test("all five credentials are renewed again and again under load, and no report is refused", async () => {
  const agents = await Promise.all(["busy-1", "busy-2"].map((name) => makeAgent(system, name)));
  const lost = await whileReporting(
    agents.map(({ sdk }) => sdk),
    async () => {
      for (let round = 0; round < 2; round++)
        for (const purpose of PURPOSES) await Promise.all(agents.map(({ sdk }) => sdk.renew(purpose)));
    },
  );
  expect(lost.join(" | ")).toBe("");
  for (const agent of agents) await agent.close();
}, 60_000);

test("a worker that is killed in the middle of renewals loses no agent, and no key is certified twice", async () => {
  const agents = await Promise.all(
    ["killed-1", "killed-2", "killed-3"].map((name) => makeAgent(system, name)),
  );
  const lost = await whileReporting(
    agents.map(({ sdk }) => sdk),
    async () => {
      for (let round = 0; round < 2; round++) {
        const renewals = agents.flatMap(({ sdk }) => PURPOSES.map((purpose) => sdk.renew(purpose)));
        await kill("SIGKILL");
        worker = await startWorker();
        await Promise.all(renewals);
      }
    },
  );
  expect(lost.join(" | ")).toBe("");
  for (const agent of agents) {
    expect((await agent.sdk.report(act())).admitted).toBe(1);
    const rows = await system.db
      .select({ keyId: credentials.keyId })
      .from(credentials)
      .where(and(eq(credentials.agentId, agent.id), eq(credentials.purpose, "transport")));
    expect(new Set(rows.map(({ keyId }) => keyId)).size).toBe(rows.length);
    expect(rows.map(({ keyId }) => keyId)).toContain(agent.credential("transport").keyId);
    await agent.close();
  }
}, 120_000);
