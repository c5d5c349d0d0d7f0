import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { sendWebhook } from "./send-webhook.ts";
import { verifyDelivery } from "./sign-delivery.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function receiver(
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void,
): Promise<number> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    answer(request, body, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const message = { id: "m-1", body: '{"text":"Grüße"}', now: new Date("2026-11-23T12:00:00Z") };
const inside = (url: string) => ({ url, secret: "s3cret", allowPrivate: true });
const status = (code: number) => (_: IncomingMessage, __: string, response: ServerResponse) =>
  void response.writeHead(code).end("secret of the receiver");

describe("sendWebhook", () => {
  test("delivers the exact bytes, with a signature the receiver verifies and an id to know repetitions by", async () => {
    let seen: { id: unknown; ok: boolean; body: string } | undefined;
    const port = await receiver((request, body, response) => {
      seen = {
        id: request.headers["vigil-delivery"],
        ok: verifyDelivery("s3cret", String(request.headers["vigil-signature"]), body, message.now),
        body,
      };
      response.end();
    });
    expect(await sendWebhook(inside(`http://localhost:${port}/hook`), message)).toEqual({ delivered: true });
    expect(seen).toEqual({ id: "m-1", ok: true, body: message.body });
  });

  test.each([
    [422, true],
    [400, true],
    [401, false],
    [404, false],
    [429, false],
    [500, false],
    [503, false],
  ])("an answer of %i is no delivery, and its body goes nowhere", async (code, refused) => {
    const port = await receiver(status(code));
    const result = await sendWebhook(inside(`http://127.0.0.1:${port}/`), message);
    expect(result).toEqual({ delivered: false, error: `The receiver answered ${code}.`, refused });
  });

  test("a redirect is not followed", async () => {
    let reached = false;
    const other = await receiver((_, __, response) => {
      reached = true;
      response.end();
    });
    const port = await receiver(
      (_, __, response) => void response.writeHead(307, { Location: `http://127.0.0.1:${other}/` }).end(),
    );
    expect(await sendWebhook(inside(`http://127.0.0.1:${port}/`), message)).toMatchObject({
      delivered: false,
    });
    expect(reached).toBe(false);
  });

  test.each([
    "http://127.0.0.1:PORT/",
    "http://localhost:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f.1:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://0.0.0.0:PORT/",
    "http://169.254.169.254/latest/meta-data",
  ])("%s is not reached unless the administrator has marked it as inside", async (url) => {
    let reached = false;
    const port = await receiver((_, __, response) => {
      reached = true;
      response.end();
    });
    const target = { url: url.replace("PORT", String(port)), secret: "s", allowPrivate: false };
    const result = await sendWebhook(target, message);
    expect(result).toMatchObject({
      delivered: false,
      error: expect.stringContaining("does not send to this address"),
    });
    expect(reached).toBe(false);
  });

  test("other protocols are not spoken", async () => {
    for (const url of ["file:///etc/passwd", "ftp://127.0.0.1/"])
      expect(await sendWebhook(inside(url), message)).toMatchObject({ delivered: false });
  });

  test("a receiver that never answers is given up, one that is not there fails at once", async () => {
    const port = await receiver(() => undefined);
    expect(await sendWebhook(inside(`http://127.0.0.1:${port}/`), message)).toEqual({
      delivered: false,
      error: "No answer within 5 s.",
      refused: false,
    });
    expect(await sendWebhook(inside("http://127.0.0.1:1/"), message)).toMatchObject({
      error: "The connection failed (ECONNREFUSED).",
    });
  });
});
