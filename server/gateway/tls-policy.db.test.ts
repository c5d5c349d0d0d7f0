import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { hasOpenssl, sClient } from "./testing/openssl.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { connect, makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

const REQUEST = "GET /v1/nothing HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

type Door = { database: TestDatabase; system: System; agent: TestAgent };
async function openDoor(more: Record<string, string>): Promise<Door> {
  const database = await createTestDatabase();
  const system = await startSystem(database.urls, undefined, more);
  return { database, system, agent: await makeAgent(system, "tls-1") };
}
async function closeDoor(door: Door | undefined): Promise<void> {
  await door?.agent.close();
  await door?.system.close();
  await door?.database.close();
}

const knock = (
  { system, agent }: Door,
  args: string[],
  input: Parameters<typeof sClient>[3] = { text: REQUEST },
) =>
  sClient(
    system.folder,
    { port: system.env.gatewayPort, rootPem: agent.rootPem, credential: agent.credential("transport") },
    args,
    input,
  );

type Counted = { code: string; source: string; agent: string | null; count: number };
async function denialsOf({ system }: Door): Promise<Counted[]> {
  const { rows } = await system.db.execute<{ body: Buffer }>(
    sql`select body from audit_records where kind = 'denials.aggregated' order by ord`,
  );
  return rows.flatMap((row) => JSON.parse(row.body.toString("utf8")).details.counts);
}

type Observed = {
  version: string;
  cipher: string;
  path: string;
  count: number;
  resumed: number;
  thumbprint: string;
};
async function observedOf({ system, agent }: Door): Promise<Observed[]> {
  const { rows } = await system.db.execute<Observed>(sql`
    select version, cipher, path, count, resumed, thumbprint from observed_connections
    where agent_id = ${agent.id} order by version, cipher`);
  return rows;
}

async function alertsOf({ system, agent }: Door) {
  const { rows } = await system.db.execute<{ rule: string; severity: string; title: string; count: number }>(
    sql`select rule, severity, title, count from alerts where agent_id = ${agent.id} order by number`,
  );
  return rows;
}

describe.skipIf(!hasOpenssl)("the agents' door as it stands (openssl s_client)", () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor({});
  });
  afterAll(() => closeDoor(door));

  it.each(["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"])("negotiates %s", async (suite) => {
    const said = await knock(door, ["-tls1_3", "-ciphersuites", suite]);
    expect(said).toContain(`Cipher is ${suite}`);
    expect(said).toContain("HTTP/1.1 404");
  });

  it("answers a client that offers only TLS_CHACHA20_POLY1305_SHA256 with a TLS alert", async () => {
    const said = await knock(door, ["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"]);
    expect(said).toMatch(/alert handshake failure/i);
    expect(said).not.toContain("HTTP/1.1");
  });

  it("answers TLS 1.2 and below with a TLS alert", async () => {
    for (const version of ["-tls1_2", "-tls1_1"]) {
      const said = await knock(door, [version, "-cipher", "ALL:@SECLEVEL=0"]);
      expect(said).toMatch(/alert protocol version/i);
      expect(said).not.toContain("HTTP/1.1");
    }
  });

  it("records each of these refusals in aggregate, under its code and network", async () => {
    await knock(door, ["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"]);
    await knock(door, ["-tls1_2"]);
    await vi.waitFor(async () => {
      const counted = await denialsOf(door);
      for (const code of ["ERR_SSL_NO_SHARED_CIPHER", "ERR_SSL_UNSUPPORTED_PROTOCOL"])
        expect(counted).toContainEqual(expect.objectContaining({ code, agent: null }));
    }, 15_000);
  });

  it("lets no client without a certificate speak, not even in a session that it resumes", async () => {
    const { system, agent } = door;
    const to = { port: system.env.gatewayPort, rootPem: agent.rootPem, credential: null };
    const session = `${system.folder}/session.pem`;
    for (const args of [
      ["-sess_out", session],
      ["-sess_in", session],
    ])
      expect(await sClient(system.folder, to, ["-tls1_3", ...args], { text: REQUEST })).not.toContain(
        "HTTP/1.1",
      );
  });

  it("counts what each agent's connections negotiated, and how many resumed a session", async () => {
    const { system, agent } = door;
    const before = await vi.waitFor(async () => {
      const rows = await observedOf(door);
      expect(rows.length).toBeGreaterThan(0);
      return rows;
    }, 12_000);
    const session = `${system.folder}/own-session.pem`;
    const suite = ["-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384"];
    await knock(door, [...suite, "-sess_out", session]);
    expect(await knock(door, [...suite, "-sess_in", session])).toContain("Reused, TLSv1.3");
    const sum = (rows: Observed[], key: "count" | "resumed") =>
      rows.reduce((total, row) => total + row[key], 0);
    await vi.waitFor(async () => {
      const rows = await observedOf(door);
      expect(sum(rows, "resumed")).toBeGreaterThan(sum(before, "resumed"));
      expect(sum(rows, "count")).toBeGreaterThanOrEqual(sum(before, "count") + 2);
      for (const row of rows) {
        expect(row).toMatchObject({ version: "TLSv1.3", path: "direct" });
        expect(row.thumbprint).toBe(agent.credential("transport").thumbprint);
      }
    }, 12_000);
  });

  it("raises drift once for a suite that the agent never negotiated, and not for its first one", async () => {
    const other = await makeAgent(door.system, "tls-drifts");
    const drifting = { ...door, agent: other };
    await knock(drifting, ["-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384"]);
    await vi.waitFor(async () => expect(await observedOf(drifting)).toHaveLength(1), 12_000);
    expect(await alertsOf(drifting)).toEqual([]);
    await knock(drifting, ["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"]);
    await vi.waitFor(
      async () =>
        expect(await alertsOf(drifting)).toMatchObject([{ rule: "tls_drift", severity: "medium", count: 1 }]),
      12_000,
    );
    await knock(drifting, ["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"]);
    await vi.waitFor(
      async () => expect((await observedOf(drifting)).map((row) => row.count)).toContain(2),
      12_000,
    );
    expect(await alertsOf(drifting)).toHaveLength(1);
    await other.close();
  });

  it("writes nothing more per request: a hundred requests on one connection are one connection", async () => {
    const one = await makeAgent(door.system, "tls-one");
    const held = connect(one.rootPem, one.credential("transport"));
    held.maxSockets = 1;
    for (let i = 0; i < 100; i++)
      await send(held, `${door.system.env.gatewayUrl}/v1/nothing`, { headers: {}, method: "GET" });
    await vi.waitFor(
      async () => expect((await observedOf({ ...door, agent: one })).map((row) => row.count)).toEqual([1]),
      12_000,
    );
    held.destroy();
    await one.close();
  });
});

describe.skipIf(!hasOpenssl)("the agents' door with VIGIL_TLS_MIN_VERSION=1.2 (openssl s_client)", () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor({ VIGIL_TLS_MIN_VERSION: "1.2" });
  });
  afterAll(() => closeDoor(door));

  it.each(["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"])(
    "negotiates TLS 1.2 with %s",
    async (suite) => {
      const said = await knock(door, ["-tls1_2", "-cipher", suite]);
      expect(said).toContain(`Cipher is ${suite}`);
      expect(said).toContain("HTTP/1.1 404");
    },
  );

  it.each([
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "AES128-GCM-SHA256",
  ])("refuses %s with an alert", async (suite) => {
    const said = await knock(door, ["-tls1_2", "-cipher", suite]);
    expect(said).toMatch(/alert handshake failure/i);
  });

  it("takes no renegotiation", async () => {
    const said = await knock(door, ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"], {
      text: `R\n${REQUEST}`,
      commands: true,
    });
    expect(said).toMatch(/no renegotiation|RENEGOTIATING/i);
    expect(said).not.toContain("HTTP/1.1 404");
  });

  it("raises the graver drift where an agent falls back to TLS 1.2", async () => {
    const other = await makeAgent(door.system, "tls-falls");
    const falling = { ...door, agent: other };
    await vi.waitFor(async () => {
      await knock(falling, ["-tls1_3"]);
      expect((await observedOf(falling)).length).toBeGreaterThan(0);
    }, 15_000);
    await knock(falling, ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"]);
    await vi.waitFor(
      async () =>
        expect(await alertsOf(falling)).toMatchObject([
          { rule: "tls_drift", severity: "high", title: expect.stringContaining("TLSv1.2") },
        ]),
      12_000,
    );
    await other.close();
  });
});
