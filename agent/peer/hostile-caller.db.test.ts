import { connect as connectTcp } from "node:net";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { openConnection } from "../connection.ts";
import { ask, callWith, clientWith, errorOf, startTwoAgents, type TwoAgents } from "../testing/two-agents.ts";
import { fetchTrust } from "./fetch-trust.ts";
import { keepTrust } from "./keep-trust.ts";
import { openPeer } from "./open-peer.ts";
import { createPeering } from "./peering.ts";
import { serveAgent } from "./serve-agent.ts";

let database: TestDatabase;
let world: TwoAgents;
let token: string;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await startTwoAgents(database);
  token = (await world.caller.token()).token;
});
afterAll(async () => {
  await world?.close();
  await database?.close();
});

const port = () => Number(new URL(world.door.url).port);
const tls = () => ({
  port: port(),
  host: "127.0.0.1",
  key: world.caller.credential("transport").keyPem,
  cert: world.caller.credential("transport").certificatePem,
  rejectUnauthorized: false,
});
/** Whether an honest caller is still answered. */
const stillServes = async () => {
  const client = clientWith(world.caller.credential("transport"));
  const said = await callWith(client, world.door.url, token);
  client.destroy();
  return said.status === 200;
};
/** Everything that the agent says to these bytes over TLS, until it closes. */
function sayOverTls(bytes: string | Buffer): Promise<string> {
  const socket = connectTls(tls(), () => socket.write(bytes));
  socket.on("error", () => socket.destroy());
  setTimeout(() => socket.destroy(), 3_000).unref();
  return text(socket).catch(() => "");
}
const request = (line: string, ...headers: string[]) =>
  `${line}\r\nhost: x\r\n${headers.map((header) => `${header}\r\n`).join("")}\r\n`;
const good = () => `authorization: Bearer ${token}`;

describe("a proved caller that asks wrongly", () => {
  test.each([
    ["another path", "/v1/calls/"],
    ["a path that climbs", "/v1/../v1/calls"],
    ["a doubled slash", "//v1/calls"],
    ["an encoded path", "/v1%2fcalls"],
    ["a query", "/v1/calls?x=1"],
    ["a whole URI", "https://elsewhere/v1/calls"],
    ["a very long path", `/${"a".repeat(8_000)}`],
  ])("%s is not found", async (_what, path) => {
    const client = clientWith(world.caller.credential("transport"));
    const said = await ask(client, world.door.url, {
      path,
      headers: { authorization: `Bearer ${token}` },
      body: "{}",
    });
    expect(said.status).toBe(404);
    client.destroy();
  });

  test("other methods are not found", async () => {
    const client = clientWith(world.caller.credential("transport"));
    for (const method of ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"])
      expect(await ask(client, world.door.url, { method })).toMatchObject({ status: 404 });
    client.destroy();
  });

  test.each([
    ["none", []],
    ["two", [good, good]],
    ["another scheme", [() => `authorization: Basic ${token}`]],
    ["an empty one", [() => "authorization: Bearer "]],
    ["one with spaces", [() => "authorization: Bearer a b"]],
  ])("%s for a token is refused before Vigil is asked", async (_what, headers) => {
    const said = await sayOverTls(
      `${request(
        "POST /v1/calls HTTP/1.1",
        ...headers.map((header) => header()),
        "content-length: 2",
        "connection: close",
      )}{}`,
    );
    expect(said).toContain("HTTP/1.1 401");
    expect(said).toContain("token_missing");
  });

  test.each([
    ["no JSON", "{"],
    ["an array", "[]"],
    ["null", "null"],
    ["no action", "{}"],
    ["an empty action", '{"action":""}'],
    ["an endless action", JSON.stringify({ action: "a".repeat(129) })],
    ["more than a call", '{"action":"a","from":"somebody"}'],
    ["an action that is no text", '{"action":{"toString":1}}'],
    ["broken UTF-8", "\xff\xfe"],
  ])("a body of %s is refused", async (_what, body) => {
    const client = clientWith(world.caller.credential("transport"));
    const headers = { authorization: `Bearer ${token}` };
    const said = await ask(client, world.door.url, { headers, body: body as string });
    expect(said.status).toBe(400);
    expect(errorOf(said).code).toBe("call_malformed");
    client.destroy();
  });

  test("an action with control characters, or one that nobody knows, is denied by Vigil and not by a crash", async () => {
    const client = clientWith(world.caller.credential("transport"));
    for (const action of ["transactions.read\r\nx: y", "\u0000", "__proto__", "constructor", "../../x"])
      expect((await callWith(client, world.door.url, token, { action })).status).toBe(403);
    client.destroy();
  });

  test("a body without end is cut off", async () => {
    const client = clientWith(world.caller.credential("transport"));
    const said = await callWith(client, world.door.url, token, { action: "a", body: "x".repeat(70_000) });
    expect(said.status).toBe(413);
    client.destroy();
    expect(await stillServes()).toBe(true);
  });

  test("headers say nothing of who calls", async () => {
    const client = clientWith(world.caller.credential("transport"));
    const headers = {
      authorization: `Bearer ${token}`,
      "x-forwarded-client-cert": "URI=spiffe://bank/agent/root",
      "x-agent": "root",
      host: "served-two.agents.internal",
    };
    const said = await ask(client, world.door.url, { headers, body: '{"action":"transactions.read"}' });
    expect(said.body).toMatchObject({ from: "caller-one", to: "served-one" });
    client.destroy();
  });
});

describe("garbage", () => {
  test("over TCP, over TLS and half a handshake leave the agent serving", async () => {
    for (const bytes of ["GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\xff\xff", "\0".repeat(5_000)]) {
      const socket = connectTcp(port(), "127.0.0.1", () => socket.end(bytes));
      socket.on("error", () => socket.destroy());
      socket.resume();
      await new Promise((resolve) => socket.once("close", resolve));
    }
    for (const bytes of [
      "\0\0\0\0",
      "POST /v1/calls\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      request("POST /v1/calls HTTP/1.1", "content-length: 5", "content-length: 6"),
      `${request("POST /v1/calls HTTP/1.1", "transfer-encoding: chunked", "content-length: 3")}zz\r\n`,
      request("GET /v1/peer HTTP/1.1", `x: ${"a".repeat(40_000)}`),
      request("GET /v1/peer HTTP/1.1", ...Array.from({ length: 3_000 }, (_, n) => `x-${n}: y`)),
    ])
      await sayOverTls(bytes);
    for (let time = 0; time < 20; time++) {
      const socket = connectTls(tls(), () => socket.destroy());
      socket.on("error", () => undefined);
      await new Promise((resolve) => socket.once("close", resolve));
    }
    expect(await stillServes()).toBe(true);
  });

  test("a handler that fails is an answer of 500 that tells nothing, and the next call is answered", async () => {
    const door = await serveAgent(world.served.sdk.peering, {
      port: 0,
      onCall: ({ body }) => {
        if (body === "fail") throw new Error("secret of the handler");
        return "fine";
      },
    });
    const client = clientWith(world.caller.credential("transport"));
    const call = (body: string) => callWith(client, door.url, token, { action: "transactions.read", body });
    const failed = await call("fail");
    expect(failed.status).toBe(500);
    expect(JSON.stringify(failed.body)).not.toContain("secret");
    expect(await call("go on")).toMatchObject({ status: 200, body: { answer: "fine" } });
    client.destroy();
    await door.close();
  });
});

describe("a peer that answers badly", () => {
  test("is told as what it is", async () => {
    const peer = openPeer(world.caller.sdk.peering, "https://127.0.0.1:1", "served-one");
    await expect(peer.call("transactions.read")).rejects.toMatchObject({ code: "unreachable" });
    await peer.close();
  });
});

test("without Vigil nothing is answered: the caller is told that nobody could be asked", async () => {
  const { peering } = world.served.sdk;
  const transport = world.served.credential("transport");
  const connection = openConnection(peering.identity.rootPem, transport, { now: peering.now });
  const away = createPeering({
    ...peering,
    identity: { ...peering.identity, gatewayUrl: "https://localhost:1" },
    ...{ connection: () => connection, listeners: new Set(), signal: new AbortController().signal },
  });
  const door = await serveAgent(away, { port: 0, onCall: () => "yes" });
  const client = clientWith(world.caller.credential("transport"));
  const said = await callWith(client, door.url, token);
  expect(said.status).toBe(503);
  expect(errorOf(said)).toMatchObject({ code: "decision_unavailable" });
  client.destroy();
  await door.close();
  await connection.close();
});

test("without revocation lists nobody is known, and the caller is told why", async () => {
  const { peering } = world.served.sdk;
  const identity = { ...peering.identity, enrolUrl: "https://localhost:1" };
  const door = await serveAgent(
    { ...peering, trust: keepTrust(() => fetchTrust(identity, "transport")) },
    { port: 0, onCall: () => "yes" },
  );
  const client = clientWith(world.caller.credential("transport"));
  const said = await callWith(client, door.url, token);
  expect(said.status).toBe(503);
  expect(errorOf(said)).toMatchObject({ code: "trust_unavailable" });
  client.destroy();
  await door.close();
});
