import { describe, expect, it } from "vitest";
import { boundedRequest, guardRequest, readBody } from "./guard-request.ts";

const PUBLIC_URL = "https://vigil.bank.example";
const HOST = "vigil.bank.example";

function codeOf(method: string, headers: Record<string, string>): string | null {
  try {
    guardRequest({ method, headers: new Headers({ host: HOST, ...headers }) }, PUBLIC_URL);
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const JSON_TYPE = { "content-type": "application/json" };

describe("what changes something", () => {
  it.each(["POST", "PUT", "PATCH"])("comes as JSON or not at all (%s)", (method) => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/octet-stream",
      "text/plain; application/json",
      "application/jsonp",
      "",
    ])
      expect(codeOf(method, type ? { "content-type": type } : {})).toBe("json_only");
    expect(codeOf(method, { "content-type": "application/json; charset=utf-8" })).toBeNull();
  });

  it.each(["POST", "PUT", "PATCH", "DELETE"])(
    "comes from the console's own pages or from no page (%s)",
    (method) => {
      const site = (value: string) => codeOf(method, { ...JSON_TYPE, "sec-fetch-site": value });
      expect(["cross-site", "same-site", "none"].map(site)).toEqual([
        "cross_site",
        "cross_site",
        "cross_site",
      ]);
      expect(site("same-origin")).toBeNull();
      expect(codeOf(method, JSON_TYPE)).toBeNull();
      const origin = (value: string) => codeOf(method, { ...JSON_TYPE, origin: value });
      for (const other of [
        "https://evil.example",
        `http://${HOST}.evil.example`,
        "null",
        "https://bank.example",
        "x",
      ])
        expect(origin(other)).toBe("cross_site");
      expect(origin(PUBLIC_URL)).toBeNull();
    },
  );

  it("is not let through by one good header beside a bad one", () => {
    const good = { ...JSON_TYPE, origin: PUBLIC_URL, "sec-fetch-site": "same-origin" };
    expect(codeOf("POST", good)).toBeNull();
    expect(codeOf("POST", { ...good, origin: "https://evil.example" })).toBe("cross_site");
    expect(codeOf("POST", { ...good, "sec-fetch-site": "cross-site" })).toBe("cross_site");
    expect(codeOf("POST", { ...good, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).toBe(
      "cross_site",
    );
  });

  it("may come under the name the browser used, where that is not the public one", () => {
    expect(
      codeOf("POST", { ...JSON_TYPE, host: "10.0.0.7:3000", origin: "http://10.0.0.7:3000" }),
    ).toBeNull();
    expect(codeOf("POST", { ...JSON_TYPE, host: "10.0.0.7:3000", origin: "http://10.0.0.7:4000" })).toBe(
      "cross_site",
    );
  });
});

describe("reading", () => {
  it("is refused to other sites' scripts and allowed to links", () => {
    expect(codeOf("GET", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" })).toBe("cross_site");
    expect(codeOf("GET", { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" })).toBe("cross_site");
    expect(codeOf("GET", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).toBeNull();
    expect(codeOf("GET", { "sec-fetch-site": "none" })).toBeNull();
    expect(codeOf("GET", {})).toBeNull();
  });
});

describe("a body", () => {
  const request = (body: BodyInit, headers: Record<string, string> = {}) =>
    new Request("http://localhost/api/trpc/x", {
      method: "POST",
      body,
      headers,
      duplex: "half",
    } as RequestInit);

  it("beyond the limit is refused, whatever its length header says", async () => {
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(64_000)),
    });
    await expect(readBody(request(endless))).rejects.toMatchObject({ code: "body_too_large", status: 413 });
    await expect(readBody(request("x", { "content-length": "999999999" }))).rejects.toMatchObject({
      status: 413,
    });
    await expect(readBody(request("x".repeat(101)), 100)).rejects.toMatchObject({ status: 413 });
    expect(await readBody(request("x".repeat(100)), 100)).toHaveLength(100);
  });

  it("within it reaches the handler byte for byte", async () => {
    const bounded = await boundedRequest(request('{"name":"Žofie"}', JSON_TYPE));
    expect(await bounded.json()).toEqual({ name: "Žofie" });
    expect(bounded.headers.get("content-type")).toBe("application/json");
  });
});
