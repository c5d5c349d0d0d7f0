import { mkdtempSync, rmSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { checkHandshake } from "./check-handshake.ts";
import { createDoor, type DoorTls, renewCertificate } from "./door.ts";
import { selfSigned, type TestCertificate } from "./testing/nginx.ts";
import { hasOpenssl } from "./testing/openssl.ts";
import { tlsOptions } from "./tls-options.ts";

const folder = mkdtempSync(path.join(tmpdir(), "vigil-door-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!hasOpenssl)("a door that asks for a certificate", () => {
  let own: TestCertificate;
  let known: TestCertificate;
  let foreign: TestCertificate;
  let door: FastifyInstance;
  let port: number;
  const heard = { requests: 0, refused: [] as string[] };
  const doorTls = (): DoorTls => ({ key: own.keyPem, cert: own.certificatePem, ca: [known.certificatePem] });

  beforeAll(async () => {
    [own, known, foreign] = [
      selfSigned(folder, "door"),
      selfSigned(folder, "known"),
      selfSigned(folder, "foreign"),
    ];
    door = createDoor(doorTls(), 1024, {
      log: pino({ level: "silent" }),
      onRefusedHandshake: (code, _address, certificate) =>
        void heard.refused.push(`${code} ${certificate?.subject ?? "-"}`),
      onClaimedCertificate: () => undefined,
    });
    door.addHook("onRequest", async () => {
      heard.requests += 1;
    });
    door.get("/", async () => ({ hello: true }));
    await door.listen({ port: 0, host: "127.0.0.1" });
    ({ port } = door.server.address() as AddressInfo);
  });
  afterAll(() => door?.close());
  beforeEach(() => Object.assign(heard, { requests: 0, refused: [] }));

  const get = (certificate: TestCertificate | null, more: tls.SecureContextOptions = {}) =>
    new Promise<string>((resolve) => {
      const [key, cert] = [certificate?.keyPem, certificate?.certificatePem];
      const options = { host: "localhost", port, ca: own.certificatePem, agent: false as const, ...more };
      https
        .get({ ...options, ...(certificate ? { key, cert } : {}) }, (response) => {
          response.resume();
          resolve(`answered ${response.statusCode}`);
        })
        .on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });

  it("answers whom its authority vouches for", async () => {
    expect(await get(known)).toBe("answered 200");
    expect(heard).toEqual({ requests: 1, refused: [] });
  });

  it("reads not one byte of a request from anybody else, and says who it was", async () => {
    for (let i = 0; i < 20; i += 1) expect(await get(foreign)).not.toMatch(/answered/);
    await vi.waitFor(() => expect(heard.refused).toHaveLength(20));
    expect(new Set(heard.refused)).toEqual(new Set(["DEPTH_ZERO_SELF_SIGNED_CERT CN=foreign"]));
    expect(heard.requests).toBe(0);
  });

  it("nor from a client without a certificate", async () => {
    expect(await get(null)).not.toMatch(/answered/);
    await vi.waitFor(() => expect(heard.refused).toEqual(["certificate_missing -"]));
    expect(heard.requests).toBe(0);
  });

  it("refuses a resumed session without a certificate, whatever Node takes it for", async () => {
    const judged: [boolean, string | undefined][] = [];
    const server = tls.createServer(tlsOptions(doorTls()), (socket) => {
      judged.push([socket.isSessionReused(), checkHandshake(socket, doorTls())?.code]);
      socket.end("x");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const connect = (session?: Buffer) =>
      new Promise<Buffer | undefined>((resolve, reject) => {
        let ticket: Buffer | undefined;
        const { port: at } = server.address() as AddressInfo;
        const socket = tls.connect({
          port: at,
          host: "localhost",
          ca: own.certificatePem,
          servername: "localhost",
          session,
        });
        socket.on("session", (given) => {
          ticket = given;
        });
        socket.on("error", reject).on("close", () => resolve(ticket));
        socket.resume();
      });
    const session = await connect();
    expect(session).toBeDefined();
    await connect(session);
    server.close();
    expect(judged).toEqual([
      [false, "certificate_missing"],
      [true, "certificate_missing"],
    ]);
  });

  it("keeps its policy and its authorities with a new certificate", async () => {
    const next = selfSigned(folder, "door-next");
    renewCertificate(door, { ...doorTls(), key: next.keyPem, cert: next.certificatePem });
    const trusts = { ca: next.certificatePem };
    expect(await get(known, trusts)).toBe("answered 200");
    expect(await get(foreign, trusts)).not.toMatch(/answered/);
    expect(await get(known, { ...trusts, ciphers: "TLS_CHACHA20_POLY1305_SHA256" })).not.toMatch(/answered/);
    expect(await get(known, { ...trusts, maxVersion: "TLSv1.2" })).not.toMatch(/answered/);
    expect(await get(known, { ...trusts, ciphers: "TLS_AES_128_GCM_SHA256" })).toBe("answered 200");
  });
});
