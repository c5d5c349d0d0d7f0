import { execFile, execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import type https from "node:https";
import path from "node:path";
import { promisify } from "node:util";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { enrol } from "../../agent/enrol.ts";
import { readCredential, readIdentity } from "../../agent/state.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { containAgent } from "../flows/contain-agent.ts";
import { makeSignalSource } from "../flows/make-signal-source.ts";
import { switchSignalSource } from "../layers/monitoring/switch-signal-source.ts";
import { falcoEvent } from "../trpc/testing/signal-door.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { connect, makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

const run = promisify(execFile);
const admin = {
  ...{ type: "operator" as const, id: "admin", email: "admin@bank", sessionId: null },
  roles: ["admin", "analyst"],
};
let database: TestDatabase;
let system: System;
let agent: TestAgent;
let falco: { sourceId: string; name: string; directory: string; pool: https.Agent };
beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  agent = await makeAgent(system, "watched-agent");
  falco = await enrolledSource("falco-cluster-1");
});
afterAll(async () => {
  falco?.pool.destroy();
  await agent?.close();
  await system?.close();
  await database?.close();
});

const ctx = () => ({ db: system.db, actor: admin, now: new Date() });
const url = () => `${system.env.gatewayUrl}/v1/signals`;

/** Made in the settings and enrolled over the wire with the token that was shown. */
async function enrolledSource(name: string) {
  const { sourceId, secret, joinToken } = await makeSignalSource(ctx(), {
    name,
    kind: "falco",
    auth: "certificate",
  });
  expect(secret).toBeNull();
  const directory = path.join(system.folder, name);
  await enrol({ enrolUrl: system.env.enrolUrl, joinToken: joinToken ?? "", directory });
  const pool = connect(readIdentity(directory).rootPem, readCredential(directory, "transport"));
  return { sourceId, name, directory, pool };
}

const post = (pool: https.Agent, payload: unknown) =>
  send(pool, url(), {
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(payload)),
  });
const kept = async (sourceId: string) =>
  (
    await system.db.execute<{ outcome: string; agent_id: string | null }>(
      sql`select outcome, agent_id from signals where source_id = ${sourceId}`,
    )
  ).rows;
const recordsOf = async (kind: string) =>
  (
    await system.db.execute<{ body: Buffer }>(sql`select body from audit_records where kind = ${kind}`)
  ).rows.map(({ body }) => JSON.parse(body.toString("utf8")));

it("Falco under its certificate: mapped to the agent, alerted, recorded in the source's own name, once", async () => {
  const event = falcoEvent({ rule: "Egress" }, { "vigil.agent": "watched-agent" });
  const first = await post(falco.pool, event);
  expect(first).toMatchObject({ status: 200, body: { signals: [{ outcome: "mapped", repeated: false }] } });
  expect(await post(falco.pool, event)).toMatchObject({
    status: 200,
    body: { signals: [{ repeated: true }] },
  });
  expect(await kept(falco.sourceId)).toMatchObject([{ outcome: "mapped", agent_id: agent.id }]);
  const [record] = await recordsOf("signals.received");
  expect(record).toMatchObject({ agentId: agent.did, actor: { type: "agent", name: falco.name } });
  const { rows } = await system.db.execute(
    sql`select 1 from alerts where agent_id = ${agent.id} and rule = 'signal:falco-cluster-1:Egress'`,
  );
  expect(rows).toHaveLength(1);
});

it("an agent's certificate is refused and recorded, and no certificate does not get past the handshake", async () => {
  const pool = connect(agent.rootPem, agent.credential("transport"));
  expect(await post(pool, falcoEvent())).toMatchObject({
    status: 403,
    body: { error: { code: "not_a_signal_source" } },
  });
  pool.destroy();
  expect(await recordsOf("signals.refused")).toMatchObject([{ agentId: agent.did, outcome: "deny" }]);
  const bare = connect(agent.rootPem, null);
  await expect(post(bare, falcoEvent())).rejects.toThrow();
  bare.destroy();
});

it("a source's certificate reports no actions and gets no token", async () => {
  const answer = await send(falco.pool, `${system.env.gatewayUrl}/v1/actions`, {
    headers: { "content-type": "application/json" },
    body: Buffer.from("{}"),
  });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  const { rows } = await system.db.execute(
    sql`select 1 from access_tokens t join agents a on a.id = t.agent_id where a.kind = 'signal-source'`,
  );
  expect(rows).toEqual([]);
});

it("what it cannot be read as is kept and answered 400; what is too large is refused", async () => {
  const source = await enrolledSource("falco-bad-input");
  const answer = await post(source.pool, { hello: "world" });
  expect(answer).toMatchObject({ status: 400, body: { error: { code: "signal_unreadable" } } });
  expect(await kept(source.sourceId)).toMatchObject([{ outcome: "held" }]);
  expect(await post(source.pool, falcoEvent({ output: "x".repeat(300_000) }))).toMatchObject({ status: 413 });
  source.pool.destroy();
});

it("a source that is switched off, or contained, is refused at its next request over the same connection", async () => {
  const source = await enrolledSource("falco-stopped");
  expect((await post(source.pool, falcoEvent())).status).toBe(200);
  await switchSignalSource(ctx(), {
    sourceId: source.sourceId,
    version: 1,
    enabled: false,
    reason: "Moved away",
  });
  expect(await post(source.pool, falcoEvent())).toMatchObject({
    status: 403,
    body: { error: { code: "signal_source_disabled" } },
  });
  const { rows } = await system.db.execute<{ id: string }>(
    sql`select id from agents where name = 'falco-stopped'`,
  );
  await switchSignalSource(ctx(), {
    sourceId: source.sourceId,
    version: 2,
    enabled: true,
    reason: "Back again",
  });
  await containAgent(ctx(), { agentId: rows[0]?.id ?? "", reason: "Its host was taken over" });
  await vi.waitFor(async () => {
    const answer = await post(source.pool, falcoEvent()).catch(() => ({ status: 0 }));
    expect(answer.status).not.toBe(200);
  });
  source.pool.destroy();
});

const hasCurl = isThere("curl");
describe.skipIf(!hasCurl)(`libcurl, which is Falco's own client${hasCurl ? "" : ": curl is missing"}`, () => {
  it("posts with the files of docs/signals.md", async () => {
    const [pem, ca] = [path.join(falco.directory, "transport.pem"), path.join(falco.directory, "root.pem")];
    const body = JSON.stringify(falcoEvent({ rule: "By curl" }));
    const { stdout } = await run("curl", [
      ...["-sS", "--cacert", ca, "--cert", pem, "--key", pem, "-A", "falcosecurity/falco"],
      ...["-H", "Content-Type: application/json", "--data-binary", body, "-w", "\n%{http_code}", url()],
    ]);
    expect(stdout).toMatch(/"outcome":"unmapped"[\s\S]*\n200$/);
  });
});

const hasSidekick = isThere("falcosidekick");
describe.skipIf(!hasSidekick)(
  `falcosidekick itself${hasSidekick ? "" : ": not on this machine's PATH"}`,
  () => {
    it("forwards what Falco told it, by the configuration of docs/signals.md", async () => {
      const port = 20_000 + Math.floor(process.pid % 20_000);
      const pem = path.join(falco.directory, "transport.pem");
      const config = path.join(system.folder, "falcosidekick.yaml");
      mkdirSync(system.folder, { recursive: true });
      writeFileSync(
        config,
        [
          `listenport: ${port}`,
          "mutualtlsclient:",
          `  certfile: ${pem}`,
          `  keyfile: ${pem}`,
          `  cacertfile: ${path.join(falco.directory, "root.pem")}`,
          "webhook:",
          `  address: ${url()}`,
          "  mutualtls: true",
          "  checkcert: true",
        ].join("\n"),
      );
      const child = execFile("falcosidekick", ["-c", config]);
      try {
        const before = (await kept(falco.sourceId)).length;
        const event = JSON.stringify(falcoEvent({ rule: `By falcosidekick ${randomUUID().slice(0, 8)}` }));
        await vi.waitFor(() => fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: event }), {
          timeout: 10_000,
        });
        await vi.waitFor(async () => expect((await kept(falco.sourceId)).length).toBe(before + 1), {
          timeout: 10_000,
        });
      } finally {
        child.kill();
      }
    });
  },
);

function isThere(tool: string): boolean {
  try {
    execFileSync("which", [tool], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
