import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { asc, eq } from "drizzle-orm";
import pino from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { destinations, outbox } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { Env } from "../env.ts";
import { addDestination } from "../flows/add-destination.ts";
import { listDestinations } from "../flows/list-destinations.ts";
import { resendDeadLetters } from "../flows/resend-dead-letters.ts";
import { switchDestination } from "../flows/switch-destination.ts";
import { makeOperator, NOW, type Operator, recordsOf } from "../incidents/testing/cast.ts";
import { enqueueDelivery } from "../integrations/outbox/enqueue-delivery.ts";
import { REFUSALS_MAX } from "../integrations/outbox/plan-attempt.ts";
import { verifyDelivery } from "../integrations/webhook/sign-delivery.ts";
import { createKeyStore, type KeyStore } from "../keys/key-store.ts";
import { ensureBox } from "../keys/role-box.ts";
import { roleKek } from "../keys/role-kek.ts";
import { deliverOutbox } from "./deliver-outbox.ts";
import { takeLease } from "./lease.ts";

let test_: TestDatabase;
let db: TestDatabase["db"];
let keys: KeyStore;
let admin: Operator;
beforeAll(async () => {
  test_ = await createTestDatabase();
  db = test_.db;
  keys = createKeyStore(db, "worker", roleKek(randomBytes(32), "worker"));
  await ensureBox(keys, NOW);
  admin = await makeOperator(db, "admin");
});
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await db.update(destinations).set({ enabled: false });
});
afterAll(() => test_.close());

const ctx = (now = NOW) => ({ db, actor: admin, now });
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);
let names = 0;

/** A real receiver: what it answers can be changed, and it keeps what it accepted. */
async function receive(port = 0) {
  const seen: { id: string; text: string; signature: string; body: string }[] = [];
  const state = { answer: 200 };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    if (state.answer === 200) {
      const parsed = JSON.parse(body) as { id: string; data: { text: string } };
      seen.push({
        id: parsed.id,
        text: parsed.data.text,
        signature: String(request.headers["vigil-signature"]),
        body,
      });
    }
    response.writeHead(state.answer).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { seen, state, server, port: (server.address() as AddressInfo).port };
}

const addTo = (port: number, allowPrivate = true) =>
  addDestination(ctx(), { name: `receiver ${names++}`, url: `http://127.0.0.1:${port}/hook`, allowPrivate });
const send = (...texts: string[]) =>
  db.transaction(async (tx) => {
    for (const text of texts) await enqueueDelivery(tx, { topic: "test", body: { text }, now: NOW });
  });

async function run(now = NOW) {
  const lease = await takeLease(db, "deliver-outbox", "w1");
  if (!lease) throw new Error("no lease");
  const log = pino({ level: "silent" });
  return deliverOutbox.run({
    db,
    now,
    lease,
    env: {} as Env,
    keys,
    log,
    processId: "w1",
    publish: () => undefined,
  });
}

describe("the outbox", () => {
  test("delivers in order, signed under the secret that was shown once", async () => {
    const { seen, port } = await receive();
    const { secret } = await addTo(port);
    await send("one", "two", "three");
    await run();
    expect(seen.map(({ text }) => text)).toEqual(["one", "two", "three"]);
    for (const { signature, body } of seen) {
      const at = new Date(Number(/t=(\d+)/.exec(signature)?.[1]) * 1_000);
      expect(verifyDelivery(secret, signature, body, at)).toBe(true);
    }
    await run(later(60));
    expect(seen).toHaveLength(3);
    const { rows } = await test_.asSuper((client) => client.query("select secret_sealed from destinations"));
    for (const row of rows) expect((row.secret_sealed as Buffer).toString("ascii")).not.toContain(secret);
  });

  test("a message of a transaction that fails is never sent", async () => {
    const { seen, port } = await receive();
    await addTo(port);
    await expect(
      db.transaction(async (tx) => {
        await enqueueDelivery(tx, { topic: "test", body: { text: "ghost" }, now: NOW });
        throw new Error("rolled back");
      }),
    ).rejects.toThrow("rolled back");
    await run();
    expect(seen).toEqual([]);
  });

  test("a receiver that is away gets everything once it is back, in order, each once", async () => {
    const { state, seen, port } = await receive();
    await addTo(port);
    state.answer = 503;
    await send("a", "b");
    for (const seconds of [0, 1, 2, 3, 5]) await run(later(seconds));
    expect(seen).toEqual([]);
    state.answer = 200;
    await send("c");
    for (const seconds of [400, 401, 402]) await run(later(seconds));
    expect(seen.map(({ text }) => text)).toEqual(["a", "b", "c"]);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(3);
  });

  test("the pause is kept: within it the receiver is left alone", async () => {
    const { state, port } = await receive();
    const { destinationId } = await addTo(port);
    state.answer = 500;
    await send("a");
    for (let again = 0; again < 5; again += 1) await run(NOW);
    const [row] = await db.select().from(outbox).where(eq(outbox.destinationId, destinationId));
    expect(row).toMatchObject({ attempts: 1, lastError: "The receiver answered 500." });
  });

  test("one destination that is away holds up no other", async () => {
    const healthy = await receive();
    const sick = await receive();
    sick.state.answer = 500;
    await addTo(sick.port);
    await addTo(healthy.port);
    await send("x", "y");
    await run();
    expect(healthy.seen.map(({ text }) => text)).toEqual(["x", "y"]);
  });

  test("a message that is refused becomes a dead letter, those behind it pass, and it can be sent again", async () => {
    const { state, seen, port } = await receive();
    const { destinationId } = await addTo(port);
    state.answer = 422;
    await send("poison");
    for (let attempt = 0; attempt < REFUSALS_MAX; attempt += 1) await run(later(attempt * 100));
    expect((await recordsOf(db, "delivery.dead"))[0]).toMatchObject({
      details: { destinationId, attempts: REFUSALS_MAX },
    });
    state.answer = 200;
    await send("next");
    await run(later(1_000));
    expect(seen.map(({ text }) => text)).toEqual(["next"]);
    const listed = (await listDestinations(ctx())).find(({ id }) => id === destinationId);
    expect(listed).toMatchObject({ dead: 1, waiting: 0 });
    expect(listed).not.toHaveProperty("secretSealed");
    expect(await resendDeadLetters(ctx(later(1_001)), { destinationId })).toEqual({ queued: 1 });
    await run(later(1_002));
    expect(seen.map(({ text }) => text)).toEqual(["next", "poison"]);
  });

  test("an address inside the bank is not reached unless the administrator has said so", async () => {
    const { seen, port } = await receive();
    const { destinationId } = await addTo(port, false);
    await send("inside");
    await run();
    expect(seen).toEqual([]);
    const [row] = await db.select().from(outbox).where(eq(outbox.destinationId, destinationId));
    expect(row?.lastError).toContain("not marked as inside");
  });

  test("a secret that was moved from another destination opens nothing, and nothing is sent", async () => {
    const { seen, port } = await receive();
    const first = await addTo(port);
    const second = await addTo(port);
    const [row] = await db.select().from(destinations).where(eq(destinations.id, first.destinationId));
    const secretSealed = row?.secretSealed ?? Buffer.alloc(0);
    await db.update(destinations).set({ secretSealed }).where(eq(destinations.id, second.destinationId));
    await db.update(destinations).set({ enabled: false }).where(eq(destinations.id, first.destinationId));
    await send("stolen");
    await run();
    expect(seen).toEqual([]);
  });

  test("transactions that enqueue at once are delivered in the order in which they committed", async () => {
    const { port } = await receive();
    const { destinationId } = await addTo(port);
    await Promise.all(Array.from({ length: 20 }, (_, index) => send(`${index}a`, `${index}b`)));
    const rows = await db
      .select()
      .from(outbox)
      .where(eq(outbox.destinationId, destinationId))
      .orderBy(asc(outbox.id));
    const texts = rows.map(({ body }) => (body as { data: { text: string } }).data.text);
    for (let index = 0; index < texts.length; index += 2)
      expect(texts[index + 1]).toBe(texts[index]?.replace("a", "b"));
  });
});

describe("destinations", () => {
  test("rejects actors without the permission", async () => {
    for (const role of ["analyst", "approver", "compliance", "auditor"] as const) {
      const forbidden = { db, actor: await makeOperator(db, role), now: NOW };
      const destinationId = crypto.randomUUID();
      for (const verb of [
        () => addDestination(forbidden, { name: "n", url: "https://siem.bank/hook" }),
        () => switchDestination(forbidden, { destinationId, enabled: false }),
        () => resendDeadLetters(forbidden, { destinationId }),
        () => listDestinations(forbidden),
      ])
        await expect(verb()).rejects.toMatchObject({ code: "not_permitted" });
    }
  });

  test.each(["ftp://siem.bank/", "javascript:alert(1)", "https://user:secret@siem.bank/", "not a url"])(
    "%s is no address",
    async (url) => {
      await expect(addDestination(ctx(), { name: "bad", url })).rejects.toThrow();
    },
  );

  test("each name once; adding and switching are recorded, the secret is not", async () => {
    const { destinationId, secret } = await addDestination(ctx(), {
      name: "siem",
      url: "https://siem.bank/hook",
    });
    await expect(addDestination(ctx(), { name: "siem", url: "https://siem.bank/2" })).rejects.toMatchObject({
      code: "destination_name_taken",
    });
    await switchDestination(ctx(), { destinationId, enabled: false });
    await expect(switchDestination(ctx(), { destinationId, enabled: false })).rejects.toMatchObject({
      code: "destination_unchanged",
    });
    const [added] = await recordsOf(db, "destination.added");
    expect(added?.details).toEqual({
      destinationId,
      name: "siem",
      url: "https://siem.bank/hook",
      allowPrivate: false,
    });
    expect(JSON.stringify(added)).not.toContain(secret);
    expect((await recordsOf(db, "destination.switched"))[0]?.details).toMatchObject({ enabled: false });
  });
});
