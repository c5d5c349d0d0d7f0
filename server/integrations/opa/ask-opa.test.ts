import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { DecisionQuestion } from "../../layers/authorization/decision-schema.ts";
import { opaDecisionPoint } from "./ask-opa.ts";

const QUESTION: DecisionQuestion = {
  agent: { id: "1", name: "payer", did: "did:web:x", kind: "agent", status: "active", zone: "a" },
  requested: [{ scope: "a:read", risk: "LOW", group: "base", held: true, heldUntil: null }],
  ...{ trust: null, policyVersion: 1, thumbprint: "t", at: "2026-11-23T12:00:00.000Z" },
};
let server: Server | null = null;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
  server = null;
});

/** A server that answers as it is told, for the faults that an OPA in good health does not have. */
async function answering(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const json =
  (body: unknown): RequestListener =>
  (_, response) =>
    response.end(JSON.stringify(body));
const ask = async (listener: RequestListener) => opaDecisionPoint(await answering(listener)).ask(QUESTION);

it("asks the data API for vigil/authz with the question as input, and reads what is allowed and why not", async () => {
  let asked = "";
  const opinion = await ask((request, response) => {
    asked = `${request.method} ${request.url} `;
    request.on("data", (part) => {
      asked += part;
    });
    request.on("end", () =>
      response.end(
        JSON.stringify({ result: { allow: { "a:read": false }, reasons: { "a:read": ["At night\u202e"] } } }),
      ),
    );
  });
  expect(asked).toBe(`POST /v1/data/vigil/authz ${JSON.stringify({ input: QUESTION })}`);
  expect(opinion).toMatchObject({
    answered: true,
    scopes: { "a:read": { allow: false, reasons: ["At night "] } },
  });
});

it("keeps the path of an address that OPA stands behind", async () => {
  let path = "";
  const base = await answering((request, response) => {
    path = request.url ?? "";
    response.end("{}");
  });
  await opaDecisionPoint(`${base}/opa`).ask(QUESTION);
  expect(path).toBe("/opa/v1/data/vigil/authz");
});

describe("no answer is given by a decision point that", () => {
  it.each<[string, RequestListener, string]>([
    ["leaves the decision undefined", json({}), "says of no scope"],
    ["says yes to everything at once", json({ result: { allow: true } }), "says of no scope"],
    [
      "says something that is no yes or no",
      json({ result: { allow: { "a:read": "yes" } } }),
      "says of no scope",
    ],
    ["answers without JSON", (_, response) => response.end("<html>"), "not JSON"],
    ["fails", (_, response) => response.writeHead(500).end(), "status 500"],
    [
      "sends elsewhere",
      (_, response) => response.writeHead(307, { location: "/x" }).end(),
      "cannot be reached",
    ],
    ["never answers", () => undefined, "within 500 ms"],
    ["answers without end", (_, response) => void response.write("{".repeat(300_000)), "longer than"],
    ["begins and stops", (_, response) => void response.writeHead(200).write("{"), "within 500 ms"],
    ["hangs up", (request) => request.socket.destroy(), "cannot be reached"],
  ])("%s", async (_, listener, why) => {
    const opinion = await ask(listener);
    expect(opinion).toMatchObject({ answered: false });
    expect(opinion && "why" in opinion ? opinion.why : "").toContain(why);
  });

  it("is not there", async () => {
    const url = await answering(json({}));
    server?.close();
    await expect(opaDecisionPoint(url).ask(QUESTION)).resolves.toMatchObject({
      answered: false,
      why: expect.stringContaining("ECONNREFUSED"),
    });
  });
});
