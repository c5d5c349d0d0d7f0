import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@playwright/test";
import type { ImportSummary } from "../agent/import/tally-import.ts";
import { Vigil } from "./vigil.ts";

const RECORDED = "../shared/data/cloudtrail-attack-day.ndjson";
const RECORDED_CALLS = 2_900;
const vigil = new Vigil();

test.skip(!existsSync(RECORDED), `${RECORDED} is not here: the import of recorded calls is not tested`);
test.beforeAll(async () => {
  test.setTimeout(300_000);
  await vigil.start(["--demo", "--attack-after=86400"]);
});
test.afterAll(() => vigil.remove());

/** Runs the documented command. */
function importCalls(): Promise<{ code: number | null; summary: ImportSummary }> {
  const args = [
    "cli/vigil.mjs",
    "agent",
    "import",
    "cloudtrail",
    RECORDED,
    "--console",
    vigil.url,
    "--enrol-url",
    vigil.enrolUrl,
  ];
  const child = spawn(
    path.resolve("node_modules/.bin/node"),
    [...args, "--api-key", vigil.apiKey, "--dir", path.join(vigil.dataDir, "import")],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
  });
  return new Promise((resolve) =>
    child.once("exit", (code) => resolve({ code, summary: JSON.parse(said) as ImportSummary })),
  );
}

test("2,900 recorded calls come in through one agent each principal, and every one is accounted for", async () => {
  const { code, summary } = await importCalls();
  expect(code).toBe(1);
  expect(summary).toMatchObject({ read: RECORDED_CALLS, malformed: 0, reconciled: true, agents: 20 });
  expect(summary.admitted).toBeGreaterThanOrEqual(2_000);
  expect(summary.admitted + summary.refused).toBe(RECORDED_CALLS);
  expect(Object.values(summary.reasons).reduce((a, b) => a + b, 0)).toBe(summary.refused);
  await vigil.asDatabaseOwner(async (client) => {
    const { rows } = await client.query(`
      select sum((body->'request'->>'count')::int)::int as recorded, sum((body->'request'->>'admitted')::int)::int as admitted
      from (select convert_from(r.body, 'UTF8')::jsonb as body from audit_records r join agents a on a.id = r.agent_id
            where r.kind = 'agent.actions' and not a.demo) bodies`);
    expect(rows[0]).toEqual({ recorded: RECORDED_CALLS, admitted: summary.admitted });
  });
});

test("what was imported is visible to the API, with the reasons of refusals", async () => {
  const page = await vigil.api<{ records: { id: string; outcome: string | null }[] }>(
    "/audit/records?agent=bert-jan&kind=agent.actions",
  );
  expect(page.records.length).toBeGreaterThan(0);
  const partial = page.records.find(({ outcome }) => outcome === "partial");
  const detail = await vigil.api<object>(`/audit/records/${partial?.id}`);
  expect(JSON.stringify(detail)).toContain("cloud:write");
});
