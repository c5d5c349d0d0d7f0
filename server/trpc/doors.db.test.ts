import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { notify } from "../../db/listen.ts";
import { agents } from "../../db/schema/index.ts";
import { readHealth } from "../flows/read-health.ts";
import { uuidv7 } from "../kernel/ids.ts";
import { answerAuth } from "./answer-auth.ts";
import { answerEvents } from "./answer-events.ts";
import { answerTrpc } from "./answer-trpc.ts";
import { answerRest } from "./rest/answer-rest.ts";
import { openApiDocument } from "./rest/openapi-document.ts";
import { createTestConsole, get, ORIGIN, post, type TestConsole } from "./testing/console.ts";

let console: TestConsole;
let cookie: string;
let email: string;
beforeAll(async () => {
  console = await createTestConsole();
  ({ email } = await console.addUser(["analyst", "admin"]));
  cookie = await console.cookieOf(email);
  const now = new Date();
  for (const name of ["alpha", "beta"])
    await console.runtime.db
      .insert(agents)
      .values({ id: uuidv7(now.getTime()), name, did: `did:web:x:agents:${name}`, createdAt: now });
});
afterAll(() => console.close());

const rest = (request: Request) => answerRest(console.runtime, request, new Date());
const trpc = (request: Request) => answerTrpc(console.runtime, request, new Date());

describe("the REST door", () => {
  it("answers plain JSON, and errors as {code, message, facts}", async () => {
    const page = await rest(get("/api/v1/agents", { cookie }));
    expect(page.status).toBe(200);
    expect(JSON.stringify(await page.json())).toContain('"name":"alpha"');
    expect((await rest(get("/api/v1/agents/beta", { cookie }))).status).toBe(200);
    const cases: [Request, number, string][] = [
      [get("/api/v1/agents"), 401, "not_signed_in"],
      [get("/api/v1/agents/gamma", { cookie }), 404, "agent_unknown"],
      [get("/api/v1/agents/GAMMA%2F..%2F", { cookie }), 400, "invalid_input"],
      [get("/api/v1/nothing", { cookie }), 404, "no_such_call"],
      [
        new Request(`${ORIGIN}/api/v1/agents`, { method: "DELETE", headers: { cookie } }),
        405,
        "method_not_allowed",
      ],
      [post("/api/v1/agents", { name: "Not A Name" }, { cookie }), 400, "invalid_input"],
    ];
    for (const [request, status, code] of cases) {
      const answer = await rest(request);
      const body = (await answer.json()) as Record<string, unknown>;
      if (code !== "agent_unknown") expect(body.code).toBe(code);
      expect([answer.status, typeof body.message, typeof body.facts]).toEqual([status, "string", "object"]);
      expect(JSON.stringify(body)).not.toMatch(/\bat \/|node_modules|stack/);
    }
  });

  it("reads a body strictly: no member twice", async () => {
    const twice = new Request(`${ORIGIN}/api/v1/agents`, {
      method: "POST",
      headers: { cookie, "content-type": "application/json" },
      body: '{"name":"ok-name","name":"other-name"}',
    });
    const answer = await rest(twice);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, "duplicate_key"]);
  });

  it("is described by a document that names each call of the contract", () => {
    const { paths = {}, openapi } = JSON.parse(JSON.stringify(openApiDocument(ORIGIN)));
    expect(openapi).toBe("3.1.0");
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        "/agents",
        "/agents/{name}",
        "/agents/{name}/join-tokens",
        "/alerts",
        "/approvals",
      ]),
    );
    expect(paths["/agents/{name}"].get.parameters[0]).toMatchObject({
      in: "path",
      name: "name",
      required: true,
    });
    expect(paths["/agents"].post.requestBody.content["application/json"].schema).toBeTruthy();
  });
});

describe("the tRPC door", () => {
  it("answers its own pages, and tells errors by stable codes without a stack", async () => {
    const me = await trpc(get("/api/trpc/access.me", { cookie, "sec-fetch-site": "same-origin" }));
    expect(((await me.json()) as { result: { data: { json: unknown } } }).result.data.json).toMatchObject({
      email,
    });
    const refused = await trpc(get("/api/trpc/access.me"));
    const body = (await refused.json()) as { error: { json: { data: Record<string, unknown> } } };
    expect(refused.status).toBe(401);
    expect(body.error.json.data).toMatchObject({ vigil: { code: "not_signed_in" } });
    expect(body.error.json.data).not.toHaveProperty("stack");
  });

  it("refuses a mutation that is not JSON, also without input, from another site, or by GET", async () => {
    const form = new FormData();
    const sign = (init: RequestInit) => trpc(new Request(`${ORIGIN}/api/trpc/access.signOut`, init));
    expect((await sign({ method: "POST", headers: { cookie }, body: form })).status).toBe(415);
    expect((await sign({ method: "POST", headers: { cookie } })).status).toBe(415);
    expect(
      (await trpc(post("/api/trpc/access.signOut", {}, { cookie, origin: "https://evil.example" }))).status,
    ).toBe(403);
    expect((await sign({ method: "GET", headers: { cookie } })).status).toBe(405);
    expect((await trpc(get("/api/trpc/access.me", { cookie }))).status).toBe(200);
  });

  it("takes ten calls in one request, no more", async () => {
    const batch = (count: number) =>
      trpc(get(`/api/trpc/${Array(count).fill("access.me").join(",")}?batch=1&input=%7B%7D`, { cookie }));
    expect((await batch(10)).status).toBe(200);
    expect((await batch(11)).status).toBe(400);
  });

  it("tells a browser nothing of an error it did not foresee", async () => {
    await console.database.asSuper((client) => client.query("alter table alerts rename to alerts_away"));
    try {
      const answer = await trpc(get("/api/trpc/overview.get", { cookie }));
      const text = await answer.text();
      expect(answer.status).toBe(500);
      expect(text).toMatch(/internal/);
      expect(text).not.toMatch(/alerts|select|relation|42P01/);
    } finally {
      await console.database.asSuper((client) => client.query("alter table alerts_away rename to alerts"));
    }
  });
});

describe("the event stream", () => {
  async function read(response: Response, until: RegExp, sinceText = ""): Promise<string> {
    const reader = response.body?.getReader();
    let text = sinceText;
    while (!until.test(text)) {
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) return `${text}[ended]`;
      text += Buffer.from(value).toString("utf8");
    }
    reader?.releaseLock();
    return text;
  }
  const open = (headers: Record<string, string>) =>
    answerEvents(console.runtime, get("/api/events", headers), new Date());

  it("is for those signed in", async () => {
    expect((await open({})).status).toBe(401);
    expect((await open({ authorization: "Bearer vk_x" })).status).toBe(401);
    expect((await open({ cookie, "sec-fetch-site": "cross-site" })).status).toBe(403);
  });

  it("beats with the server's time, gathers a topic's keys, and keeps what is not for screens", async () => {
    const response = await open({ cookie });
    expect(response.headers.get("content-type")).toMatch("text/event-stream");
    const first = await read(response, /event: beat/);
    const now = JSON.parse(/data: (.*)/.exec(first)?.[1] ?? "{}").now;
    expect(Math.abs(Date.parse(now) - Date.now())).toBeLessThan(5_000);
    const { db } = console.runtime;
    const tell = () =>
      db.transaction(async (tx) => {
        await notify(tx, "token", "secret-key");
        for (let n = 0; n < 20; n++) await notify(tx, "alert", `alert-${n}`);
      });
    const telling = setInterval(() => void tell(), 250);
    const text = await read(response, /event: change\ndata: .*\n\n/).finally(() => clearInterval(telling));
    const change = JSON.parse(/event: change\ndata: (.*)/.exec(text)?.[1] ?? "{}");
    expect(change).toMatchObject({ topic: "alert" });
    expect(change.keys).toHaveLength(20);
    expect(text).not.toContain("secret-key");
    await response.body?.cancel();
  });

  it("tells a page that comes back to read everything anew", async () => {
    const response = await open({ cookie, "last-event-id": "3" });
    expect(await read(response, /event: resync/)).toMatch(/event: resync/);
    await response.body?.cancel();
  });

  it("ends within two seconds of the session's end", async () => {
    const own = await console.cookieOf(email);
    const response = await open({ cookie: own });
    await read(response, /event: beat/);
    await answerAuth(console.runtime, post("/api/auth/sign-out", {}, { cookie: own }), new Date());
    const started = performance.now();
    expect(await read(response, /never/)).toMatch(/\[ended\]$/);
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});

describe("health", () => {
  it("names each part, and is ready only when all are", async () => {
    const own = await createTestConsole();
    const { db } = own.runtime;
    const now = new Date();
    const before = await readHealth(db, now);
    expect(before.status).toBe("not_ready");
    expect(Object.fromEntries(before.parts.map(({ part, ready }) => [part, ready]))).toEqual({
      database: true,
      migrations: true,
      gateway: false,
      worker: false,
      sequencer: true,
      checkpoint: true,
      scoring: false,
    });
    const later = new Date(now.getTime() + 4_000);
    const ran = { state: "running", lastRunAt: later.toISOString(), lagMs: 40, waiting: 0 };
    await own.database.asSuper((client) =>
      client.query(
        `insert into processes (id, role, started_at, seen_at, detail)
         values ('g', 'gateway', $1, $1, '{}'), ('w', 'worker', $1, $1, $2)`,
        [now, { duties: { "fold-windows": ran, "score-windows": { ...ran, lagMs: 300 } } }],
      ),
    );
    await own.cookieOf((await own.addUser(["analyst"])).email, now);
    const waiting = await readHealth(db, later);
    expect(waiting.parts.filter(({ ready }) => !ready)).toEqual([]);
    expect(waiting.parts).toContainEqual({
      part: "scoring",
      ready: true,
      detail: "scoring is 340 ms behind",
    });
    const late = await readHealth(db, new Date(now.getTime() + 6_000));
    expect(late.parts.filter(({ ready }) => !ready).map(({ part }) => part)).toEqual(
      expect.arrayContaining(["gateway", "worker", "sequencer", "scoring"]),
    );
    await own.database.asSuper((client) =>
      client.query("alter table alerts rename column title to headline"),
    );
    const stale = await readHealth(db, now);
    await own.database.asSuper((client) =>
      client.query("alter table alerts rename column headline to title"),
    );
    expect(stale.parts.find(({ part }) => part === "migrations")).toMatchObject({
      ready: false,
      detail: expect.stringContaining("alerts.title"),
    });
    await own.close();
  });
});
