import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Revocation } from "../../layers/authorization/revocation-store.ts";
import { openStream, type Stream } from "./open-stream.ts";

const AGENT = "did:web:bank:agents:a";
const token = (ord: number, more = ""): Revocation => ({
  ...{ ord, xid: 1n, endsAt: null, agentId: "a" },
  event: { kind: "token", jti: `t${ord}${more}`, exp: 1, grantIds: [], agent: AGENT },
});
const many = (count: number, more = "") => Array.from({ length: count }, (_, i) => token(i + 1, more));
const jtis = (text: string) => [...text.matchAll(/"jti":"t(\d+)/g)].map(([, ord]) => Number(ord));

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A stream over a real connection whose reader reads, or does not. */
async function streamTo(reads: boolean, mayFollow = () => true) {
  const onEnd = vi.fn();
  let stream: Stream | undefined;
  const server = createServer((_request, response: ServerResponse) => {
    response.writeHead(200);
    response.flushHeaders();
    stream = openStream(response, { mayFollow, onEnd });
  }).listen(0, "127.0.0.1");
  await vi.waitFor(() => expect(server.listening).toBe(true));
  const heard = { text: "", ended: false };
  const response = await new Promise<IncomingMessage>((resolve) =>
    get({ port: (server.address() as AddressInfo).port, host: "127.0.0.1" }, resolve),
  );
  response
    .on("error", () => undefined)
    .on("close", () => {
      heard.ended = true;
    });
  if (reads)
    response.setEncoding("utf8").on("data", (text: string) => {
      heard.text += text;
    });
  closing.push(() => {
    response.destroy();
    server.closeAllConnections();
    server.close();
  });
  if (!stream) throw new Error("no stream was opened");
  return { stream, heard, onEnd };
}

describe("a stream", () => {
  it("tells a whole state first, then what came while it was taken in, each with the pulse behind it", async () => {
    const { stream, heard } = await streamTo(true);
    stream.tell([token(4)]);
    stream.pulse("9.9", 7);
    stream.begin({ isWhole: true, rows: many(3), cursor: "1.1", ageMs: 0 });
    await vi.waitFor(() => expect(heard.text).toContain("event: pulse"));
    expect(jtis(heard.text)).toEqual([1, 2, 3, 4]);
    expect(heard.text).toMatch(/^retry: 1000\n\nevent: reset\n/);
    expect(heard.text).toMatch(/id: 9\.9\nevent: pulse\ndata: \{"ageMs":7\}\n\n$/);
    expect(heard.text).not.toContain("id: 1.1");
  });

  it("gives a reader a state of any size as fast as it reads, and its pulse only behind all of it", async () => {
    const { stream, heard } = await streamTo(true);
    stream.begin({ isWhole: true, rows: many(60_000), cursor: "1.1", ageMs: 0 });
    await vi.waitFor(() => expect(heard.text).toContain("event: pulse"), 5_000);
    expect(jtis(heard.text)).toHaveLength(60_000);
    expect(heard.text.endsWith('data: {"ageMs":0}\n\n')).toBe(true);
  });

  it("takes a state, and news, of more than one call could carry", async () => {
    const { stream, heard } = await streamTo(true);
    stream.begin({ isWhole: true, rows: many(250_000), cursor: "1.1", ageMs: 0 });
    await vi.waitFor(() => expect(heard.text).toContain("event: pulse"), 20_000);
    expect(jtis(heard.text)).toHaveLength(250_000);
    stream.tell(many(250_000));
    await vi.waitFor(() => expect(heard.ended).toBe(true));
  }, 30_000);

  it("cuts a reader that does not read before more waits for it than its bound", async () => {
    const { stream, heard, onEnd } = await streamTo(false);
    stream.begin({ isWhole: true, rows: [], cursor: "1.1", ageMs: 0 });
    for (let i = 0; i < 40 && onEnd.mock.calls.length === 0; i++) {
      stream.tell(many(4_000, "x".repeat(200)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.waitFor(() => expect(onEnd).toHaveBeenCalledTimes(1));
    expect(heard.text).toBe("");
  });

  it("cuts a reader that has taken nothing for ten seconds, however little waits", async () => {
    const { stream, onEnd } = await streamTo(false);
    stream.begin({ isWhole: true, rows: many(60_000), cursor: "1.1", ageMs: 0 });
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 10_500);
    stream.pulse("2.2", 0);
    vi.restoreAllMocks();
    await vi.waitFor(() => expect(onEnd).toHaveBeenCalledTimes(1));
  });

  it("is cut where it cannot be judged, also when it is the reader itself that goes on", async () => {
    let asked = 0;
    const { stream, onEnd } = await streamTo(true, () => {
      if (asked++ > 0) throw new Error("cannot say");
      return true;
    });
    // More than the socket takes at once: the rest is written when the reader has read.
    stream.begin({ isWhole: true, rows: many(60_000), cursor: "1.1", ageMs: 0 });
    await vi.waitFor(() => expect(onEnd).toHaveBeenCalledTimes(1));
  });

  it("writes nothing more for one who may no longer follow, whatever carries its connection", async () => {
    let may = true;
    const { stream, heard } = await streamTo(true, () => may);
    stream.begin({ isWhole: true, rows: many(1), cursor: "1.1", ageMs: 0 });
    await vi.waitFor(() => expect(jtis(heard.text)).toEqual([1]));
    may = false;
    stream.tell([token(2)]);
    await vi.waitFor(() => expect(heard.ended).toBe(true));
    expect(jtis(heard.text)).toEqual([1]);
  });
});
