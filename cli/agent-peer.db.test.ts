import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { createServer as createTls, type Server } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { misissue, revokeTransport } from "../agent/testing/two-agents.ts";
import { createTestDatabase, type TestDatabase } from "../db/testing/test-database.ts";
import { freePort, type System, startSystem } from "../server/gateway/testing/start-system.ts";
import { makeAgent, type TestAgent } from "../server/gateway/testing/test-agent.ts";
import { CHAIN_CHECKS } from "../server/layers/identity/engine/chain/validate-chain.ts";
import { hasOpenssl } from "../server/layers/identity/testing/openssl.ts";

const VIGIL = path.join(import.meta.dirname, "vigil.mjs");
let database: TestDatabase;
let system: System;
let caller: TestAgent;
let served: TestAgent;
let serving: ChildProcess;
let url: string;
const others: { close: () => unknown }[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  caller = await makeAgent(system, "cli-caller");
  served = await makeAgent(system, "cli-served");
  // One process at a time works from a directory.
  for (const agent of [caller, served]) await agent.close();
  ({ child: serving, url } = await serve("cli-served"));
});
afterEach(() => others.splice(0).forEach((each) => void each.close()));
afterAll(async () => {
  serving?.kill("SIGTERM");
  if (serving) expect((await once(serving, "exit"))[0]).toBe(0);
  await system?.close();
  await database?.close();
});

const dirOf = (name: string) => path.join(system.folder, name);
async function serve(name: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [VIGIL, "agent", "serve", "--dir", dirOf(name)]);
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line")) as [string];
  const said = JSON.parse(line) as { agent: string; url: string };
  expect(said.agent).toBe(name);
  return { child, url: said.url };
}
async function vigil(...args: string[]) {
  const child = spawn(process.execPath, [VIGIL, "agent", ...args]);
  const exited = once(child, "exit");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr, code: ((await exited) as [number])[0] };
}
const call = (...args: string[]) => vigil("call", "--dir", dirOf("cli-caller"), ...args);
const check = (...args: string[]) => vigil("check", "--dir", dirOf("cli-caller"), ...args);
type Report = {
  outcome: string;
  tls: object | null;
  checks: { id: string; passed: boolean; detail: string }[];
  certificates: object[];
};
async function report(...args: string[]): Promise<Report & { code: number; faults: string[] }> {
  const { stdout, code } = await check("--json", ...args);
  const said = JSON.parse(stdout) as Report;
  return { ...said, code, faults: said.checks.filter((one) => !one.passed).map(({ id }) => id) };
}

/** Another server on a port of its own, with a certificate of the test's choice. */
async function impostor(
  identity: { keyPem: string; certificatePem: string },
  more: object = {},
): Promise<string> {
  const server: Server = createTls(
    { key: identity.keyPem, cert: identity.certificatePem, ...more },
    (socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));
    },
  );
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  others.push(server);
  return `https://127.0.0.1:${(server.address() as import("node:net").AddressInfo).port}`;
}

describe("vigil agent call", () => {
  test("prints who answered and whom it saw, each time over the connection that is open", async () => {
    const { stdout, code } = await call(
      "--peer",
      url,
      "--expect",
      "cli-served",
      "--action",
      "transactions.read",
      "--times",
      "2",
    );
    expect(code).toBe(0);
    for (const line of stdout.trim().split("\n"))
      expect(JSON.parse(line)).toMatchObject({
        from: "cli-caller",
        to: "cli-served",
        answer: "You are cli-caller.",
      });
  });

  test("what Vigil denies is 1, with the reason", async () => {
    const { stdout, code } = await call(
      "--peer",
      url,
      "--expect",
      "cli-served",
      "--action",
      "payments.execute",
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "call_denied", facts: { checks: [{ id: "scope" }] } },
    });
  });

  test("another agent than the expected one is 1, and gets no token", async () => {
    const { stdout, code } = await call(
      "--peer",
      url,
      "--expect",
      "cli-caller",
      "--action",
      "transactions.read",
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "peer_refused" } });
    expect(stdout).toContain("identity");
  });

  test("nobody at the URL is 2, as is wrong usage", async () => {
    const nobody = `https://127.0.0.1:${await freePort()}`;
    expect(await call("--peer", nobody, "--expect", "cli-served", "--action", "a")).toMatchObject({
      code: 2,
    });
    for (const args of [
      [],
      ["--peer", url, "--expect", "cli-served"],
      ["--peer", "http://127.0.0.1", "--expect", "cli-served", "--action", "a"],
      ["--peer", url, "--expect", "../x", "--action", "a"],
      ["--peer", url, "--expect", "cli-served", "--action", "a", "--times", "0"],
      ["--peer", url, "--expect", "cli-served", "--action", "a", "--strange"],
    ])
      expect(await call(...args), args.join(" ")).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("vigil agent check", () => {
  test("of a peer in which everything holds is 0, and every check is told with its reason", async () => {
    const said = await report("--peer", url, "--expect", "cli-served");
    expect(said.faults).toEqual([]);
    expect(said).toMatchObject({
      ...{ code: 0, outcome: "allow" },
      tls: { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", resumed: false, resumable: true },
    });
    const ids = said.checks.map(({ id }) => id);
    expect(ids).toEqual([
      "handshake",
      "presented",
      "tls-verified",
      "lists-fetched",
      ...CHAIN_CHECKS,
      "accepted",
    ]);
    expect(said.certificates).toMatchObject([
      { names: ["URI:spiffe://bank/agent/cli-served"], extendedKeyUsage: ["clientAuth", "serverAuth"] },
      { subject: "CN=Vigil transport authority", authority: true },
      { subject: "CN=Vigil root authority", authority: true },
    ]);
    const { stdout } = await check("--peer", url);
    expect(stdout).toMatch(/^FINE: 28 checks passed\.\npeer {6}cli-served\nversion {3}TLSv1\.3/);
    expect(stdout).toContain("a second connection was");
  });

  test("names what is wrong with whoever answers instead, and is 1", async () => {
    const expected = ["--expect", "cli-served"];
    expect(await report("--peer", url, "--expect", "cli-other")).toMatchObject({
      code: 1,
      faults: ["tls-verified", "identity"],
    });
    const callback = await impostor(served.credential("callback"));
    expect((await report("--peer", callback, ...expected)).faults).toEqual(
      expect.arrayContaining(["extended-key-usage", "subject-alternative-name", "identity"]),
    );
    const oauth = await impostor(served.credential("oauth"));
    expect((await report("--peer", oauth, ...expected)).faults).toEqual(
      expect.arrayContaining(["tls-verified", "extended-key-usage"]),
    );
    const ended = { notBefore: new Date(Date.now() - 240_000), notAfter: new Date(Date.now() - 60_000) };
    const old = await impostor(await misissue(system, { agent: "cli-served", ...ended }));
    const expired = await report("--peer", old, ...expected);
    expect(expired).toMatchObject({ code: 1, faults: ["tls-verified", "validity"] });
    expect(expired.checks.find(({ id }) => id === "validity")?.detail).toContain("expired at");
  });

  test("a peer of TLS 1.2 is a finding, and so is one that hangs up", async () => {
    const old = await impostor(served.credential("transport"), {
      maxVersion: "TLSv1.2",
      minVersion: "TLSv1.2",
    });
    expect(await report("--peer", old)).toMatchObject({ code: 1, tls: null, faults: ["handshake"] });
    const rude = createTls(
      { key: served.credential("transport").keyPem, cert: served.credential("transport").certificatePem },
      (socket) => socket.destroy(),
    );
    rude.on("tlsClientError", () => undefined);
    await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
    others.push(rude);
    const { port } = rude.address() as import("node:net").AddressInfo;
    expect((await report("--peer", `https://127.0.0.1:${port}`)).faults).toContain("accepted");
  });

  test.skipIf(!hasOpenssl())("of a file judges as of a peer, for any purpose", async () => {
    const file = path.join(system.folder, "checked.pem");
    for (const purpose of ["transport", "signature", "oauth", "callback", "encryption"] as const) {
      writeFileSync(file, served.credential(purpose).certificatePem);
      const said = await report("--pem", file, "--purpose", purpose, "--expect", "cli-served");
      expect(said, purpose).toMatchObject({ code: 0, faults: [] });
    }
    expect((await report("--pem", file, "--expect", "cli-served")).faults).toContain("extended-key-usage");
    writeFileSync(file, "no certificate");
    expect(await check("--pem", file)).toMatchObject({ code: 2 });
    writeFileSync(file, "-----BEGIN CERTIFICATE-----\nMAMC\n-----END CERTIFICATE-----\n");
    expect(await report("--pem", file)).toMatchObject({ code: 1, outcome: "deny" });
  });

  test("nobody at the URL is 2, as is wrong usage", async () => {
    const nobody = await check("--peer", `https://127.0.0.1:${await freePort()}`);
    expect(nobody).toMatchObject({ code: 2, stdout: "" });
    expect(nobody.stderr).toContain("unreachable");
    for (const args of [
      [],
      ["--peer", url, "--pem", "x"],
      ["--peer", "http://x"],
      ["--peer", url, "--expect", "A"],
      ["--pem", "/nowhere"],
      ["--pem", "x", "--purpose", "root"],
    ])
      expect(await check(...args), args.join(" ")).toMatchObject({ code: 2, stdout: "" });
    expect(await vigil("check", "--dir", "/nowhere", "--peer", url)).toMatchObject({ code: 2 });
  });

  test("of a revoked peer is 1, and its caller, once revoked, is told so by the peer", async () => {
    const { child, url: second } = await serve("cli-caller");
    await revokeTransport(system, served);
    await vi.waitFor(async () => expect((await report("--peer", url)).faults).toEqual(["not-revoked"]), {
      timeout: 30_000,
      interval: 500,
    });
    const asRevoked = await vigil("check", "--dir", dirOf("cli-served"), "--peer", second, "--json");
    const { checks } = JSON.parse(asRevoked.stdout) as Report;
    const accepted = checks.find(({ id }) => id === "accepted");
    expect(accepted).toMatchObject({ passed: false });
    expect(accepted?.detail).toContain("not-revoked");
    child.kill("SIGTERM");
    await once(child, "exit");
  });
});

describe("vigil agent serve", () => {
  test("that cannot start is 2 and says why", async () => {
    const port = new URL(url).port;
    const taken = await vigil("serve", "--dir", dirOf("cli-served"), "--port", port);
    expect(taken).toMatchObject({ code: 2, stdout: "" });
    expect(taken.stderr).toContain("cannot_listen");
    for (const args of [["--dir", dirOf("cli-served"), "--port", "70000"], [], ["--dir", "/nowhere"]])
      expect(await vigil("serve", ...args)).toMatchObject({ code: 2, stdout: "" });
  });
});
