import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@playwright/test";
import { enrol } from "../agent/enrol.ts";
import { openAgent, type VigilAgent } from "../agent/vigil-agent.ts";
import { Vigil } from "./vigil.ts";

const vigil = new Vigil();
const acknowledged: string[] = [];
let agent: VigilAgent;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  await vigil.start(["--demo", "--attack-after=86400"]);
  const me = await vigil.api<{ id: string }>("/me");
  await vigil.api("/agents", {
    method: "POST",
    body: { name: "crash-witness", ownerId: me.id, scopes: ["transactions:read"] },
  });
  const { joinToken } = await vigil.api<{ joinToken: string }>("/agents/crash-witness/join-tokens", {
    method: "POST",
    body: {},
  });
  const directory = path.join(vigil.dataDir, "crash-witness");
  await enrol({ enrolUrl: vigil.enrolUrl, joinToken, directory });
  agent = openAgent(directory);
});
test.afterAll(async () => {
  await agent?.close();
  await vigil.remove();
});

/** Reports until told to stop, and keeps the record's id of everything that was acknowledged. */
async function reportUntil(stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const { receipt, admitted } = await agent.report([
      { action: "transactions.read", at: new Date().toISOString() },
    ]);
    expect(admitted).toBe(1);
    const claims = JSON.parse(Buffer.from(receipt.split(".")[1] ?? "", "base64url").toString()) as {
      recordId: string;
    };
    acknowledged.push(claims.recordId);
  }
}

const victims = {
  gateway: () => vigil.childOf("gateway/main.ts"),
  worker: () => vigil.childOf("worker/main.ts"),
  console: () => vigil.childOf("server/console.ts"),
  PostgreSQL: () =>
    Number(readFileSync(path.join(vigil.dataDir, "postgres/postmaster.pid"), "utf8").split("\n")[0]),
};

for (const [name, find] of Object.entries(victims))
  test(`kill -9 of ${name} under load loses no acknowledged record`, async () => {
    let stopped = false;
    const before = acknowledged.length;
    const load = Promise.all([1, 2, 3].map(() => reportUntil(() => stopped)));
    await expect.poll(() => acknowledged.length).toBeGreaterThan(before + 30);
    const pid = find();
    process.kill(pid, "SIGKILL");
    await expect.poll(() => find() !== pid || "not yet", { timeout: 60_000 }).toBe(true);
    const atRestart = acknowledged.length;
    await expect.poll(() => acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(atRestart + 30);
    stopped = true;
    await load;
    await expect
      .poll(async () => (await fetch(`${vigil.url}/api/health`).catch(() => null))?.status, {
        timeout: 60_000,
      })
      .toBe(200);
    await vigil.asDatabaseOwner(async (client) => {
      await expect
        .poll(
          async () => {
            const { rows } = await client.query(
              "select count(*)::int as chained from audit_chain where record_id = any($1::uuid[])",
              [acknowledged],
            );
            return rows[0].chained;
          },
          { timeout: 30_000 },
        )
        .toBe(new Set(acknowledged).size);
    });
  });

test("after four crashes the whole trail verifies from the command line", () => {
  const said = execFileSync(
    path.resolve("node_modules/.bin/node"),
    ["cli/vigil.mjs", "verify", "--data-dir", vigil.dataDir, "--json"],
    { encoding: "utf8" },
  );
  expect(JSON.parse(said)).toMatchObject({ findings: [] });
});
