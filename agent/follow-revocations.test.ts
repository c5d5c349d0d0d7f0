import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { selfSigned, type TestCertificate } from "../server/gateway/testing/nginx.ts";
import { hasOpenssl } from "../server/gateway/testing/openssl.ts";
import { followRevocations, type Revocations } from "./follow-revocations.ts";
import type { Peering } from "./peer/peering.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const TOKEN = { jti: "t1", sub: "did:web:bank:agents:a" };
const event = (kind: string, data: object) => `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
const token = (jti: string) => event("token", { jti, exp: 4_000_000_000, grantIds: [], agent: TOKEN.sub });
const pulse = (id: string, ageMs = 0) => `id: ${id}\n${event("pulse", { ageMs })}`;
const RESET = event("reset", {});

describe.skipIf(!hasOpenssl)("a follower of revocations, over TLS (skipped where openssl is missing)", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "vigil-follow-"));
  let certificate: TestCertificate;
  let server: Server;
  let revocations: Revocations;
  /** Answers by the order of asking; the last one goes on. */
  let answers: Answer[];
  let asked: (string | undefined)[];
  let lost: Error[];
  let newTransport: () => void;

  beforeAll(() => {
    certificate = selfSigned(folder, "gateway");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    [answers, asked, lost] = [[], [], []];
    const { keyPem: key, certificatePem: cert } = certificate;
    server = createServer({ key, cert, minVersion: "TLSv1.3" }, (request, response) => {
      asked.push(request.headers["last-event-id"] as string | undefined);
      (answers[asked.length - 1] ?? answers.at(-1))?.(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    await revocations.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function follow(...given: Answer[]): void {
    answers = given;
    const peering = {
      identity: {
        rootPem: certificate.certificatePem,
        gatewayUrl: `https://localhost:${(server.address() as AddressInfo).port}`,
      },
      transport: () => certificate,
      onNewTransport: (listener: () => void) => {
        newTransport = listener;
        return () => undefined;
      },
      now: () => new Date(),
    } as unknown as Peering;
    revocations = followRevocations(peering, { onLost: (error) => lost.push(error), ageMsMax: 2_000 });
  }
  const saying =
    (...texts: string[]): Answer =>
    (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const text of texts) response.write(text);
    };
  const failed = () =>
    revocations
      .judge(TOKEN)
      .checks.filter((check) => !check.passed)
      .map((check) => check.id);

  it("denies everything before the first pulse, and says that nothing was read yet", async () => {
    follow(saying(RESET, token("another")));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(failed()).toEqual(["view-fresh"]);
    expect(revocations.judge(TOKEN).checks[0]?.detail).toContain("never read");
  });

  it("counts the gateway's own age: a stream that lives and whose view is old is not believed", async () => {
    follow(saying(RESET, pulse("1.1", 5_000)));
    await revocations.ready;
    expect(failed()).toEqual(["view-fresh"]);
    expect(revocations.ageMs()).toBeGreaterThanOrEqual(5_000);
  });

  it("resumes from the last pulse after a cut, keeps what it holds meanwhile, and hears what came since", async () => {
    follow(
      (request, response) => {
        saying(RESET, token("t0"), pulse("7.1"))(request, response);
        setImmediate(() => response.end());
      },
      saying(token("t1"), pulse("8.1")),
    );
    await revocations.ready;
    await vi.waitFor(() => expect(failed()).toEqual(["not-revoked"]));
    expect(asked).toEqual([undefined, "7.1"]);
    expect(revocations.judge({ ...TOKEN, jti: "t0" }).outcome).toBe("deny");
    expect(lost).toHaveLength(1);
  });

  it("cut within a whole state, asks for all of it again, and never takes half of it for the whole", async () => {
    follow(
      (request, response) => {
        saying(RESET, token("t0"), pulse("7.1"), RESET, token("t2"))(request, response);
        setImmediate(() => response.end());
      },
      saying(RESET, token("t0"), token("t1"), pulse("9.1")),
    );
    await vi.waitFor(() => expect(failed()).toEqual(["not-revoked"]));
    expect(asked).toEqual([undefined, undefined]);
    expect(revocations.judge({ ...TOKEN, jti: "t2" }).outcome).toBe("allow");
  });

  it("a whole state replaces what was held before: what it no longer names counts again", async () => {
    follow(saying(RESET, token("t1"), pulse("1.1"), RESET, token("t2"), pulse("2.1")));
    await vi.waitFor(() => expect(failed()).toEqual([]));
    expect(revocations.judge({ ...TOKEN, jti: "t2" }).outcome).toBe("deny");
  });

  it("passes over kinds of event that it does not know, and ends a stream whose known ones cannot be read", async () => {
    follow(
      saying(RESET, event("session", { of: "next year" }), pulse("1.1"), event("token", { jti: 7 })),
      saying(token("t1"), pulse("2.1")),
    );
    await vi.waitFor(() => expect(failed()).toEqual(["not-revoked"]));
    expect(asked).toEqual([undefined, "1.1"]);
  });

  it("tells why it is refused, keeps asking, and ages meanwhile", async () => {
    const body = JSON.stringify({ error: { code: "agent_contained", message: "It is contained." } });
    follow(saying(RESET, pulse("1.1")), (_request, response) => response.writeHead(403).end(body));
    await revocations.ready;
    newTransport();
    await vi.waitFor(() => expect(lost).toMatchObject([{ code: "agent_contained", status: 403 }]));
    await vi.waitFor(() => expect(failed()).toEqual(["view-fresh"]), 5_000);
    expect(asked.length).toBeGreaterThan(2);
  });

  it("opens the stream anew with a new transport certificate, without a pause", async () => {
    follow(saying(RESET, pulse("1.1")), saying(token("t1"), pulse("2.1")));
    await revocations.ready;
    newTransport();
    await vi.waitFor(() => expect(failed()).toEqual(["not-revoked"]));
    expect(lost).toEqual([]);
  });
});
