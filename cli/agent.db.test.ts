import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openStandIn, type StandIn } from "../agent/testing/stand-in.ts";
import { createTestDatabase, type TestDatabase } from "../db/testing/test-database.ts";
import { createJoinToken } from "../server/layers/identity/create-join-token.ts";
import { createIdentityWorld, type IdentityWorld } from "../server/layers/identity/testing/identity-world.ts";

const VIGIL = path.join(import.meta.dirname, "vigil.mjs");
const root = mkdtempSync(path.join(tmpdir(), "vigil-cli-"));
const dir = path.join(root, "agent");
let database: TestDatabase;
let world: IdentityWorld;
let door: StandIn;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await createIdentityWorld(database);
  door = await openStandIn(database.db, world);
  await world.register("cli-1");
});
afterAll(async () => {
  await door.close();
  await world.close();
  await database.close();
  rmSync(root, { recursive: true, force: true });
});

const start = (...args: string[]): ChildProcess => spawn(process.execPath, [VIGIL, ...args]);
async function vigil(args: string[], stdin = "") {
  const child = start(...args);
  child.stdin?.end(stdin);
  const exited = once(child, "exit");
  const [stdout, stderr] = await Promise.all([read(child.stdout), read(child.stderr)]);
  const [code] = (await exited) as [number];
  return { stdout, stderr, code };
}
const read = (stream: Readable | null) => (stream ? text(stream) : "");
const lines = (count: number) =>
  Array.from({ length: count }, () =>
    JSON.stringify({ action: "transactions:read", at: "2026-11-01T00:00:00Z" }),
  );

test("an agent is enrolled, reports what stdin holds and says what became of it", async () => {
  const { joinToken } = await createJoinToken(world.ctx(), { agentName: "cli-1" });
  const enrolled = await vigil(
    ["agent", "enrol", "--url", door.enrolUrl, "--token", "-", "--dir", dir],
    joinToken,
  );
  expect(enrolled).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(enrolled.stdout)).toMatchObject({ agent: "cli-1" });

  const fine = await vigil(
    ["agent", "report", "--dir", dir, "--rebase-to-now", "--batch", "100"],
    lines(250).join("\n"),
  );
  expect(fine).toMatchObject({ code: 0 });
  expect(JSON.parse(fine.stdout)).toEqual({
    sent: 250,
    admitted: 250,
    refused: 0,
    requests: 3,
    byReason: {},
  });
  const newest = JSON.parse(door.seen.at(-1)?.body ?? "[]")[0];
  expect(Date.now() - Date.parse(newest.at)).toBeLessThan(60_000);

  const refused = [{ index: 0, code: "insufficient_scope", reason: "no" }];
  const error = { code: "agent_contained", message: "contained", facts: {} };
  door.next = [
    { status: 202, body: { receipt: "r", admitted: 1, refused } },
    { status: 403, body: { receipt: "r", admitted: 0, refused: [], error } },
  ];
  const partly = await vigil(["agent", "report", "--dir", dir, "--batch", "2"], lines(4).join("\n"));
  expect(partly).toMatchObject({ code: 1 });
  expect(JSON.parse(partly.stdout)).toMatchObject({
    ...{ sent: 4, admitted: 1, refused: 3, byReason: { insufficient_scope: 1, agent_contained: 2 } },
  });
});

test("a line that is no action ends the report with 2, and what went before is accounted for", async () => {
  const broken = await vigil(["agent", "report", "--dir", dir], "nonsense\n");
  expect(broken.code).toBe(2);
  expect(broken.stderr).toContain("line_malformed: Line 1");
  expect(JSON.parse(broken.stdout)).toMatchObject({ sent: 0 });
});

test.each([
  [["agent"]],
  [["agent", "toString"]],
  [["nothing"]],
  [["agent", "report"]],
  [["agent", "report", "--dir", "/nowhere"]],
  [["agent", "report", "--dir", dir, "--batch", "1001"]],
])("%j cannot be done", async (args) => {
  expect(await vigil(args)).toMatchObject({ code: 2, stdout: "" });
});

test("the sidecar reports for a local program, over a socket that only its user reaches", async () => {
  const sidecar = start("agent", "run", "--dir", dir);
  const socketPath = path.join(dir, "vigil.sock");
  await vi.waitFor(() => expect(existsSync(socketPath)).toBe(true), { timeout: 10_000 });
  await vi.waitFor(() => expect(statSync(socketPath).mode & 0o777).toBe(0o600));
  const ask = async (method: string, url: string, body?: string) => {
    const asked = request({ socketPath, method, path: url });
    asked.end(body);
    const [response] = (await once(asked, "response")) as [import("node:http").IncomingMessage];
    return { status: response.statusCode, body: JSON.parse(await text(response)) };
  };
  expect(await ask("POST", "/actions", `[${lines(2).join(",")}]`)).toMatchObject({
    status: 202,
    body: { admitted: 2 },
  });
  expect(await ask("POST", "/actions", "[{}]")).toMatchObject({ status: 400 });
  expect(await ask("GET", "/health")).toMatchObject({ status: 200, body: { agent: "cli-1" } });
  expect(await ask("GET", "/keys")).toMatchObject({ status: 404 });
  const second = await vigil(["agent", "run", "--dir", dir]);
  expect(second).toMatchObject({ code: 2 });
  sidecar.kill("SIGTERM");
  expect((await once(sidecar, "exit"))[0]).toBe(0);
});
