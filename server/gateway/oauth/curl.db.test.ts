import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessTokens } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { type System, startSystem } from "../testing/start-system.ts";
import { makeAgent, type TestAgent } from "../testing/test-agent.ts";

const run = promisify(execFile);
const page = readFileSync(path.join(import.meta.dirname, "../../../docs/agents-oauth.md"), "utf8");
/** The page's own lines, as a reader would paste them. */
const script = [...page.matchAll(/^```bash\n([\s\S]+?)^```/gm)].map(([, lines]) => lines).join("\n");
const missing = ["bash", "curl", "openssl"].filter((tool) => !isThere(tool));

function isThere(tool: string): boolean {
  try {
    execFileSync(tool, [tool === "openssl" ? "version" : "--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(missing.length > 0)(`curl and openssl alone${missing.map((it) => `, without ${it}`)}`, () => {
  let database: TestDatabase;
  let system: System;
  let agent: TestAgent;
  beforeAll(async () => {
    database = await createTestDatabase();
    system = await startSystem(database.urls);
    agent = await makeAgent(system, "curl-1");
  });
  afterAll(async () => {
    await agent?.close();
    await system?.close();
    await database?.close();
  });

  it("get a token and report an action, by the lines of docs/agents-oauth.md", async () => {
    const { stdout } = await run("bash", ["-euo", "pipefail", "-c", script], {
      env: { NODE_ENV: "test", PATH: "/usr/bin:/bin", AGENT_DIR: path.join(system.folder, agent.name) },
      timeout: 20_000,
    });
    const [answer = "", status] = stdout.trim().split("\n").slice(-2);
    expect(status).toBe("202");
    expect(JSON.parse(answer)).toMatchObject({ admitted: 1, refused: [], receipt: expect.any(String) });
    const issued = await system.db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id));
    expect(issued).toMatchObject([
      { scopes: ["transactions:read"], thumbprint: agent.credential("transport").thumbprint },
    ]);
  });

  it("get nothing with another agent's certificate", async () => {
    const other = await makeAgent(system, "curl-2");
    const stolen = script.replaceAll(
      "--cert transport.pem --key transport.pem",
      `--cert ../${other.name}/transport.pem --key ../${other.name}/transport.pem`,
    );
    const { stdout } = await run("bash", ["-euo", "pipefail", "-c", stolen], {
      env: { NODE_ENV: "test", PATH: "/usr/bin:/bin", AGENT_DIR: path.join(system.folder, agent.name) },
      timeout: 20_000,
    });
    expect(stdout.trim().split("\n").at(-1)).toBe("401");
    expect(await system.db.select().from(accessTokens).where(eq(accessTokens.agentId, other.id))).toEqual([]);
    await other.close();
  });
});
