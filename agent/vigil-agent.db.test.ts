import { createPrivateKey } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../db/testing/test-database.ts";
import { createJoinToken } from "../server/layers/identity/create-join-token.ts";
import { PURPOSES } from "../server/layers/identity/schema.ts";
import { createIdentityWorld, type IdentityWorld } from "../server/layers/identity/testing/identity-world.ts";
import { enrol } from "./enrol.ts";
import { readCredential } from "./state.ts";
import { openStandIn, type StandIn } from "./testing/stand-in.ts";
import { type AgentOptions, openAgent, type VigilAgent } from "./vigil-agent.ts";

let database: TestDatabase;
let world: IdentityWorld;
let door: StandIn;
let directory: string;
let count = 0;
const opened: VigilAgent[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  world = await createIdentityWorld(database);
  door = await openStandIn(database.db, world);
});
afterAll(async () => {
  await door.close();
  await world.close();
  await database.close();
});
beforeEach(() => {
  directory = path.join(mkdtempSync(path.join(tmpdir(), "vigil-agent-")), "state");
  Object.assign(door, { next: [], seen: [], tokens: [], tokenSeconds: 300 });
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((agent) => agent.close()));
  rmSync(path.dirname(directory), { recursive: true, force: true });
});

const freshToken = async (name = `sdk-${++count}`) => {
  await world.register(name);
  return (await createJoinToken(world.ctx(), { agentName: name })).joinToken;
};
async function enrolled(options?: AgentOptions): Promise<VigilAgent> {
  await enrol({ enrolUrl: door.enrolUrl, joinToken: await freshToken(), directory });
  return reopen(options);
}
function reopen(options?: AgentOptions): VigilAgent {
  const agent = openAgent(directory, options);
  opened.push(agent);
  return agent;
}
const actions = [{ action: "transactions:read", at: "2026-11-23T08:00:00.000Z" }];

describe("enrolment", () => {
  test("leaves five keys in files that only their owner reads, and nothing half-written", async () => {
    const agent = await enrolled();
    expect(readdirSync(directory).sort()).toEqual(
      ["agent.json", "root.pem", ...PURPOSES.map((each) => `${each}.pem`)].sort(),
    );
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(directory))
      expect(statSync(path.join(directory, file)).mode & 0o777, file).toBe(0o600);
    expect(new Set(PURPOSES.map((each) => readCredential(directory, each).keyId)).size).toBe(5);
    expect(agent.did).toBe(`did:bank:agent:${agent.name}`);
  });

  test("no private key ever leaves: not at enrolment, for a token, in a report or at renewal", async () => {
    door.received.length = 0;
    const agent = await enrolled();
    const before = PURPOSES.map((each) => readCredential(directory, each).keyPem);
    await agent.report(actions);
    for (const purpose of PURPOSES) await agent.renew(purpose);
    const after = PURPOSES.map((each) => readCredential(directory, each).keyPem);
    const sent = door.received.join("\n").replaceAll("\\n", "\n");
    expect(sent.match(/BEGIN CERTIFICATE REQUEST/g)).toHaveLength(2 * PURPOSES.length);
    expect(sent).not.toMatch(/PRIVATE KEY|"d":/);
    for (const pem of [...before, ...after]) {
      const key = createPrivateKey(pem);
      const { d = "" } = key.export({ format: "jwk" });
      const secret = Buffer.from(d, "base64url");
      for (const written of [d, secret.toString("base64"), secret.toString("hex")])
        expect(sent).not.toContain(written);
    }
  });

  test("sends nothing to a server whose root is not the token's", async () => {
    const joinToken = await freshToken();
    const otherRoot = `${joinToken.slice(0, joinToken.indexOf("."))}.${"A".repeat(43)}`;
    const tricked = enrol({ enrolUrl: door.enrolUrl, joinToken: otherRoot, directory });
    await expect(tricked).rejects.toMatchObject({ code: "wrong_root" });
    expect(existsSync(directory)).toBe(false);
    await expect(enrol({ enrolUrl: door.enrolUrl, joinToken, directory })).resolves.toBeTruthy();
  });

  test("survives a lost answer: the token is spent once and the same certificates come", async () => {
    door.next = ["cut", "cut"];
    const agent = await enrolled();
    const { rows } = await database.db.$client.query(
      "select count(*)::int as count from credentials c join agents a on a.id = c.agent_id where a.name = $1",
      [agent.name],
    );
    expect(rows).toEqual([{ count: 5 }]);
  });

  test("does not write over an agent, unless told to", async () => {
    const agent = await enrolled();
    const order = { enrolUrl: door.enrolUrl, joinToken: await freshToken(), directory };
    await expect(enrol(order)).rejects.toMatchObject({ code: "already_enrolled" });
    expect((await enrol({ ...order, replace: true })).agent).not.toBe(agent.name);
  });

  test("with a used token says so and leaves no directory behind", async () => {
    const joinToken = await freshToken();
    await enrol({ enrolUrl: door.enrolUrl, joinToken, directory });
    const second = `${directory}-2`;
    await expect(enrol({ enrolUrl: door.enrolUrl, joinToken, directory: second })).rejects.toMatchObject({
      code: "join_token_used",
      status: 409,
    });
    expect(existsSync(second)).toBe(false);
  });
});

describe("tokens", () => {
  test("are asked for with the OAuth key over the transport certificate", async () => {
    const agent = await enrolled({ scopes: ["transactions:read", "alerts:create"] });
    expect((await agent.token()).scopes).toEqual(["transactions:read", "alerts:create"]);
    const [asked] = door.tokens;
    expect(asked?.thumbprint).toBe(readCredential(directory, "transport").thumbprint);
    const assertion = asked?.form.get("client_assertion") ?? "";
    expect(decodeProtectedHeader(assertion).kid).toBe(readCredential(directory, "oauth").keyId);
    const claims = decodeJwt(assertion);
    expect(claims).toMatchObject({ iss: agent.did, sub: agent.did, aud: door.enrolUrl });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBeLessThanOrEqual(60);
  });

  test("are asked for with limits, and kept apart from those with others", async () => {
    const agent = await enrolled();
    const upTo = (max: string) => [
      { type: "agent_action" as const, actions: ["payments:execute"], amount: { max, currency: "USD" } },
    ];
    await agent.token([], upTo("100"));
    await agent.token([], upTo("100"));
    await agent.token([], upTo("5"));
    await agent.token();
    const asked = door.tokens.map(({ form }) => form.get("authorization_details"));
    expect(asked).toEqual([JSON.stringify(upTo("100")), JSON.stringify(upTo("5")), null]);
    await agent.report(actions, { details: upTo("5") });
    expect(door.tokens).toHaveLength(3);
    expect((await agent.token()).authorizationDetails).toEqual([]);
  });

  test("are kept, shared by callers that wait, and asked for anew near their end and after renewal", async () => {
    let now = new Date();
    const agent = await enrolled({ now: () => now });
    await Promise.all(Array.from({ length: 10 }, () => agent.token()));
    expect(door.tokens).toHaveLength(1);
    now = new Date(now.getTime() + 275_000);
    await agent.token();
    expect(door.tokens).toHaveLength(2);
    await agent.renew("transport");
    await agent.token();
    expect(door.tokens).toHaveLength(3);
    expect(door.tokens[2]?.thumbprint).not.toBe(door.tokens[1]?.thumbprint);
    const ids = door.tokens.map(({ form }) => decodeJwt(form.get("client_assertion") ?? "").jti);
    expect(new Set(ids).size).toBe(3);
  });
});

describe("a report", () => {
  test("is signed by the signature key over the bytes as sent", async () => {
    const agent = await enrolled();
    expect(await agent.report(actions)).toMatchObject({ admitted: 1, refused: [] });
    expect(door.seen).toMatchObject([{ verified: true, body: JSON.stringify(actions) }]);
  });

  test("is sent again to the last byte after a lost connection or a 503", async () => {
    const agent = await enrolled();
    door.next = [
      "cut",
      { status: 503, headers: { "retry-after": "0" }, body: { error: { code: "db" } } },
      "cut",
    ];
    expect(await agent.report(actions)).toMatchObject({ admitted: 1 });
    expect(door.seen).toHaveLength(4);
    expect(new Set(door.seen.map(({ headers }) => headers["signature-input"])).size).toBe(1);
    expect(new Set(door.seen.map(({ headers }) => headers.signature)).size).toBe(1);
  });

  test("waits as long as a 429 says, and is then signed anew", async () => {
    const agent = await enrolled();
    door.next = [
      { status: 429, headers: { "retry-after": "1" }, body: { error: { code: "agent_limited" } } },
    ];
    const started = performance.now();
    expect(await agent.report(actions)).toMatchObject({ admitted: 1 });
    expect(performance.now() - started).toBeGreaterThanOrEqual(990);
    expect(new Set(door.seen.map(({ headers }) => headers["signature-input"])).size).toBe(2);
  });

  test("gives up a 429 that lasts longer than its patience, with the gateway's reason", async () => {
    const agent = await enrolled({ patienceMs: 500 });
    door.next = [
      { status: 429, headers: { "retry-after": "30" }, body: { error: { code: "agent_limited" } } },
    ];
    await expect(agent.report(actions)).rejects.toMatchObject({ code: "agent_limited", status: 429 });
  });

  test("never claims to know what became of it when no answer comes", async () => {
    const agent = await enrolled({ patienceMs: 400 });
    await agent.token();
    door.next = Array.from({ length: 20 }, () => "cut" as const);
    await expect(agent.report(actions)).rejects.toMatchObject({ code: "outcome_unknown" });
  });

  test("asks for a new token once when the gateway does not take the old one", async () => {
    const agent = await enrolled();
    const refused = {
      status: 401,
      body: { error: { code: "token_revoked", message: "revoked", facts: {} } },
    };
    door.next = [refused];
    expect(await agent.report(actions)).toMatchObject({ admitted: 1 });
    expect(door.tokens).toHaveLength(2);
    door.next = [refused, refused];
    await expect(agent.report(actions)).rejects.toMatchObject({ code: "token_revoked" });
  });

  test("waits for a gateway that has not heard of a renewed key, and not for ever", async () => {
    const agent = await enrolled();
    const stale = {
      status: 401,
      body: { error: { code: "signature_key_unknown", message: "who?", facts: {} } },
    };
    door.next = [stale, stale];
    expect(await agent.report(actions)).toMatchObject({ admitted: 1 });
    door.next = Array.from({ length: 9 }, () => stale);
    await expect(agent.report(actions)).rejects.toMatchObject({ code: "signature_key_unknown" });
  });

  test("says why each action was refused, and why the whole request was", async () => {
    const agent = await enrolled();
    const refused = [{ index: 0, code: "insufficient_scope", reason: "It needs payments:execute." }];
    const error = { code: "insufficient_scope", message: "Every action was refused.", facts: {} };
    door.next = [{ status: 403, body: { receipt: "r", admitted: 0, refused, error } }];
    expect(await agent.report(actions)).toEqual({ receipt: "r", admitted: 0, refused });
    const contained = {
      code: "agent_contained",
      message: "The agent is contained.",
      facts: { reason: "score" },
    };
    door.next = [{ status: 403, body: { receipt: "r", admitted: 0, refused: [], error: contained } }];
    await expect(agent.report(actions)).rejects.toMatchObject({ ...contained, status: 403 });
  });
});

describe("renewal", () => {
  test("replaces key and certificate together, and the next opening works from them", async () => {
    const agent = await enrolled();
    const before = readFileSync(path.join(directory, "signature.pem"), "utf8");
    await agent.renew("signature");
    expect(readFileSync(path.join(directory, "signature.pem"), "utf8")).not.toBe(before);
    await agent.report(actions);
    await reopen().report(actions);
    expect(door.seen.every((each) => each.verified)).toBe(true);
  });

  test("comes by itself at two thirds of a certificate's life, and the connection follows", async () => {
    const agent = await enrolled();
    await agent.report(actions);
    await agent.close();
    const old = readCredential(directory, "transport");
    const later = new Date(old.notBefore.getTime() + 17 * 3_600_000);
    reopen({ now: () => later });
    await vi.waitFor(
      () => expect(readCredential(directory, "transport").thumbprint).not.toBe(old.thumbprint),
      { timeout: 5_000 },
    );
    await reopen().report(actions);
    expect(door.seen.at(-1)?.thumbprint).toBe(readCredential(directory, "transport").thumbprint);
    expect(readCredential(directory, "encryption").notAfter).toEqual(agent.expiries().encryption);
  });

  test("that fails is told and leaves the old key in use", async () => {
    const agent = await enrolled();
    const old = readCredential(directory, "oauth");
    await database.db.$client.query("update agents set banned = true where name = $1", [agent.name]);
    await expect(agent.renew("oauth")).rejects.toMatchObject({ code: "certificate_not_banned", status: 403 });
    expect(readCredential(directory, "oauth").keyId).toBe(old.keyId);
  });
});
