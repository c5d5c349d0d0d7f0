import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestConsole, type TestConsole } from "./testing/console.ts";
import { falcoEvent, signalDoor } from "./testing/signal-door.ts";

let console: TestConsole;
const door = signalDoor(() => console);
beforeAll(async () => {
  console = await createTestConsole();
});
afterAll(() => console?.close());

const kept = (sourceId: string) =>
  door.rows<{
    id: string;
    outcome: string;
    reason: string | null;
    agent_id: string | null;
    payload: Buffer;
    lag_ms: string | null;
    matched: unknown;
    tags: string[];
  }>(sql`select * from signals where source_id = ${sourceId} order by received_at, id`);
const recordsOf = async (sourceId: string) =>
  (await console.records("signals.received")).filter(
    (record) => (record.details as { sourceId: string }).sourceId === sourceId,
  );
describe("who may send", () => {
  it("the secret that was shown, and no other; a name that does not exist is answered like a wrong secret", async () => {
    const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
    expect((await door.bearer(source, falcoEvent())).status).toBe(200);
    const wrong = [
      await door.bearer({ ...source, secret: `${source.secret}x` }, falcoEvent()),
      await door.bearer({ ...source, secret: "" }, falcoEvent()),
      await door.send(source.name, "{}"),
      await door.bearer({ ...source, name: "no-such-source" }, falcoEvent()),
      await door.bearer({ ...source, name: "' or 1=1 --" }, falcoEvent()),
    ];
    expect(new Set(wrong.map(({ status, body }) => `${status} ${body.code} ${body.message}`)).size).toBe(1);
    expect(wrong[0]).toMatchObject({ status: 401, body: { code: "hook_secret_wrong" } });
    expect(await kept(source.id)).toHaveLength(1);
  });

  it("the secret of another source is none, and neither is one kept anywhere in the clear", async () => {
    const [one, two] = [
      await door.make({ kind: "sysdig", auth: "bearer" }),
      await door.make({ kind: "sysdig", auth: "bearer" }),
    ];
    expect((await door.bearer({ ...one, secret: two.secret }, {})).status).toBe(401);
    const signing = await door.make({ kind: "generic", auth: "signature" });
    const [{ text } = { text: "" }] = await door.rows<{ text: string }>(
      sql`select string_agg(s::text, ' ') || (select string_agg(convert_from(body, 'utf8'), ' ') from audit_records) as text from signal_secrets s`,
    );
    for (const secret of [one.secret, two.secret, signing.secret, signing.secret.replace("whsec_", "")]) {
      expect(secret.length).toBeGreaterThan(40);
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString("hex"));
    }
  });

  it("a signed source: forged, altered, late and unsigned requests are refused and counted by reason", async () => {
    const source = await door.make({ kind: "generic", auth: "signature" });
    const now = new Date();
    const body = JSON.stringify({ time: now.toISOString(), rule: "r", severity: "low" });
    expect((await door.signed(source, "m1", body, now)).status).toBe(200);
    const forged = { ...source, secret: `whsec_${Buffer.alloc(32, 1).toString("base64")}` };
    expect((await door.signed(forged, "m2", body, now)).body.code).toBe("signature_invalid");
    const late = await door.signed(source, "m3", body, now, new Date(now.getTime() - 301_000));
    expect(late.body.code).toBe("signature_late");
    expect((await door.send(source.name, body)).body.code).toBe("signature_missing");
    expect((await door.bearer(source, {})).status).toBe(401);
    const [view] = (await door.admin().signals.sources()).filter(({ id }) => id === source.id);
    expect(view?.day).toMatchObject({
      received: 1,
      refused: 4,
      refusedBy: { signature_invalid: 1, signature_late: 1, signature_missing: 2 },
    });
  });

  it("secrets that are guessed make one record in an hour and one alert, and the counter tells the rest", async () => {
    const source = await door.make({ kind: "sysdig", auth: "bearer" });
    const now = new Date("2026-03-02T10:00:00.000Z");
    const guess = (n: number) => door.bearer({ ...source, secret: `guess-${n}` }, {}, now);
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => guess(n)));
    expect(answers.every(({ status }) => status === 401)).toBe(true);
    const refused = (await console.records("signals.refused")).filter(
      ({ details }) => (details as { sourceId: string }).sourceId === source.id,
    );
    expect(refused).toMatchObject([{ outcome: "deny", details: { code: "hook_secret_wrong", count: 1 } }]);
    expect(await door.alerts(`signal-refused:${source.name}`)).toMatchObject([
      { count: 1, severity: "medium" },
    ]);
    const [row] = await door.rows<{ count: string }>(
      sql`select count from signal_counts where source_id = ${source.id}`,
    );
    expect(Number(row?.count)).toBe(60);
  });

  it("a source that is off is refused with a word that says so, and its refusals are counted", async () => {
    const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
    const event = falcoEvent();
    await door.bearer(source, event);
    await door
      .admin()
      .signals.switch({ sourceId: source.id, version: 1, enabled: false, reason: "It is noisy" });
    for (const sent of [event, falcoEvent()])
      expect(await door.bearer(source, sent)).toMatchObject({
        status: 403,
        body: { code: "signal_source_disabled" },
      });
    expect(await kept(source.id)).toHaveLength(1);
  });
});

describe("each event once", () => {
  it("the same again is answered 200 with what was made of it first: one row, one record, one alert", async () => {
    const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
    await door.agent("once-agent");
    const event = falcoEvent({ rule: "Once" }, { "vigil.agent": "once-agent" });
    const first = await door.bearer(source, { uuid: randomUUID(), ...event });
    const second = await door.bearer(source, { uuid: randomUUID(), ...event });
    expect(first.body.signals).toMatchObject([{ outcome: "mapped", repeated: false }]);
    expect(second).toMatchObject({ status: 200, body: { signals: [{ outcome: "mapped", repeated: true }] } });
    expect(second.body.signals?.[0]?.id).toBe(first.body.signals?.[0]?.id);
    expect([await kept(source.id), await recordsOf(source.id)].map(({ length }) => length)).toEqual([1, 1]);
    expect(await door.alerts(`signal:${source.name}:Once`)).toMatchObject([{ count: 1 }]);
  });

  it("ten thousand of the same at once are one, and each is answered alike", {
    timeout: 120_000,
  }, async () => {
    const source = await door.make({ kind: "falcosidekick", auth: "bearer", ratePerMinute: 60_000 });
    const event = falcoEvent({ rule: "Ten thousand" });
    const batch = Array.from({ length: 100 }, () => event);
    const ids = new Set<string | null>();
    let fresh = 0;
    const worker = async () => {
      for (let turn = 0; turn < 10; turn++)
        for (const { id, repeated } of (await door.bearer(source, batch)).body.signals ?? []) {
          ids.add(id);
          fresh += repeated ? 0 : 1;
        }
    };
    await Promise.all(Array.from({ length: 10 }, worker));
    expect([ids.size, fresh]).toEqual([1, 1]);
    expect(await kept(source.id)).toHaveLength(1);
    expect(await recordsOf(source.id)).toHaveLength(1);
    const [view] = (await door.admin().signals.sources()).filter(({ id }) => id === source.id);
    expect(view?.day).toMatchObject({ received: 1, repeated: 9_999 });
  });

  it("two requests with one id race to one row, and two sources with one id have one each", async () => {
    const [one, two] = [
      await door.make({ kind: "generic", auth: "bearer" }),
      await door.make({ kind: "generic", auth: "bearer" }),
    ];
    const event = { id: "same-id", time: new Date().toISOString(), rule: "Race", severity: "high" };
    const answers = await Promise.all(
      [one, two, one, two, one, two].map((source) => door.bearer(source, event)),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(answers.filter(({ body }) => !body.signals?.[0]?.repeated)).toHaveLength(2);
    expect([await kept(one.id), await kept(two.id)].map(({ length }) => length)).toEqual([1, 1]);
  });

  it("an id that is used again for other content takes nobody's place: both are kept", async () => {
    const source = await door.make({ kind: "generic", auth: "signature" });
    const body = (rule: string) => JSON.stringify({ time: new Date().toISOString(), rule, severity: "low" });
    const [first, other] = [body("one"), body("two")];
    for (const text of [first, other, first, other])
      expect((await door.signed(source, "msg", text)).status).toBe(200);
    expect((await kept(source.id)).map(({ payload }) => payload.toString()).toSorted()).toEqual(
      [first, other].toSorted(),
    );
  });

  it("a captured request that is replayed within its time changes nothing", async () => {
    const source = await door.make({ kind: "generic", auth: "signature" });
    const body = JSON.stringify({ time: new Date().toISOString(), rule: "Replay", severity: "critical" });
    const now = new Date();
    const [first, replayed] = [
      await door.signed(source, "m", body, now),
      await door.signed(source, "m", body, new Date(now.getTime() + 200_000), now),
    ];
    expect(replayed.body.signals?.[0]).toMatchObject({ id: first.body.signals?.[0]?.id, repeated: true });
    expect(await door.alerts(`signal:${source.name}:Replay`)).toMatchObject([{ count: 1 }]);
  });
});

describe("bounds", () => {
  it("a flood is refused beyond the source's rate, says so once in alerts and the record, and another source is heard", async () => {
    const [noisy, quiet] = [
      await door.make({ kind: "falcosidekick", auth: "bearer", ratePerMinute: 5 }),
      await door.make({ kind: "falcosidekick", auth: "bearer" }),
    ];
    const now = new Date();
    const answers: number[] = [];
    for (let n = 0; n < 12; n++) answers.push((await door.bearer(noisy, falcoEvent(), now)).status);
    expect(answers).toEqual([...Array(5).fill(200), ...Array(7).fill(429)]);
    const refused = await door.bearer(noisy, falcoEvent(), now);
    expect(refused.body).toMatchObject({ code: "signals_flood" });
    expect(Number(refused.retryAfter)).toBeGreaterThan(0);
    expect(await door.alerts(`signal-flood:${noisy.name}`)).toMatchObject([{ count: 1, severity: "high" }]);
    expect((await console.records("signals.flooded")).length).toBe(1);
    expect((await door.bearer(quiet, falcoEvent(), now)).status).toBe(200);
    expect((await door.bearer(noisy, falcoEvent(), new Date(now.getTime() + 61_000))).status).toBe(200);
  });

  it("what is no event is kept with the reason and told what to do; sent again it is the same", async () => {
    const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
    const send = (body: string | Uint8Array<ArrayBuffer>) =>
      door.send(source.name, body, { authorization: `Bearer ${source.secret}` });
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const bodies: [string | Uint8Array<ArrayBuffer>, RegExp][] = [
      ["not json", /not JSON/],
      ["", /not JSON/],
      [new Uint8Array([0xff, 0xfe, 0x00]), /not UTF-8/],
      [deep, /nested|not JSON/],
      ['{"rule":"a","rule":"b"}', /twice/],
      [JSON.stringify(falcoEvent({ priority: "Loud" })), /none of Falco's/],
      [JSON.stringify(Array.from({ length: 101 }, () => falcoEvent())), /at most 100/],
    ];
    for (const [body, says] of bodies) {
      const first = await send(body);
      expect(first).toMatchObject({ status: 400, body: { code: "signal_unreadable" } });
      expect(first.body.message).toMatch(says);
      expect((await send(body)).body.facts).toEqual(first.body.facts);
    }
    const rows = await kept(source.id);
    expect(rows.map(({ outcome, reason }) => [outcome, Boolean(reason)])).toEqual(
      bodies.map(() => ["held", true]),
    );
    expect(rows.map(({ payload }) => payload.toString("hex"))).toContain("fffe00");
  });

  it("a body beyond the bound is refused before it is read whole", async () => {
    const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
    const huge = JSON.stringify(falcoEvent({ output: "x".repeat(300_000) }));
    const answer = await door.send(source.name, huge, { authorization: `Bearer ${source.secret}` });
    expect(answer).toMatchObject({ status: 413, body: { code: "body_too_large" } });
    const stream = new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(65_536)) });
    const endless = new Request("http://localhost/api/hooks/x", {
      method: "POST",
      body: stream,
      duplex: "half",
    } as RequestInit);
    const { answerHook } = await import("./answer-hook.ts");
    expect((await answerHook(console.runtime, source.name, endless, new Date())).status).toBe(413);
  });

  it("of a list the readable are taken and the others kept beside them, each answered in its place", async () => {
    const source = await door.make({ kind: "sysdig", auth: "bearer" });
    const good = { id: randomUUID(), severity: 7, timestamp: Date.now() * 1_000, content: { ruleName: "a" } };
    const text = `[${JSON.stringify(good)},{"id":"x","severity":9,"timestamp":1606322948648718268}]`;
    const answer = await door.send(source.name, text, { authorization: `Bearer ${source.secret}` });
    expect(answer.body.signals?.map(({ outcome }) => outcome)).toEqual(["unmapped", "held"]);
    expect((await kept(source.id)).find(({ outcome }) => outcome === "held")?.payload.toString()).toContain(
      "1606322948648718268",
    );
    expect(await recordsOf(source.id)).toHaveLength(1);
  });
});

describe("what never came", () => {
  const event = (sequence: number) => ({
    time: new Date().toISOString(),
    rule: "n",
    severity: "low",
    stream: "a",
    sequence,
  });
  const gapsOf = async (id: string) =>
    (await door.admin().signals.sources())
      .find((one) => one.id === id)
      ?.gaps.map(({ first, last, stream }) => [stream, first, last]);

  it("missing numbers are shown as ranges and told, and what comes late closes them, in any order", async () => {
    const source = await door.make({ kind: "generic", auth: "bearer" });
    for (const n of [1, 2, 9, 5, 4]) await door.bearer(source, event(n));
    expect(await gapsOf(source.id)).toEqual(
      expect.arrayContaining([
        ["a", 3, 3],
        ["a", 6, 8],
      ]),
    );
    expect(await door.alerts(`signal-gap:${source.name}`)).toMatchObject([
      { title: `6 events of ${source.name} never came` },
    ]);
    for (const n of [8, 6, 7, 3]) await door.bearer(source, event(n));
    expect(await gapsOf(source.id)).toEqual([]);
  });

  it("Falco's own counters tell what it dropped; a heartbeat is no signal and no record", async () => {
    const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
    const snapshot = (drops: number) =>
      falcoEvent(
        { rule: "Falco internal: metrics snapshot", priority: "Informational", source: "internal" },
        { "falco.start_ts": 5, "falco.outputs_queue_num_drops": drops, "scap.n_drops": 0 },
      );
    expect((await door.bearer(source, snapshot(0))).body.signals).toEqual([
      { id: null, outcome: "heartbeat", reason: null, repeated: false },
    ]);
    expect(await recordsOf(source.id)).toEqual([]);
    await door.bearer(source, snapshot(17));
    await door.bearer(source, snapshot(4));
    expect(await gapsOf(source.id)).toEqual([["node-1", 1, 17]]);
    expect(await recordsOf(source.id)).toHaveLength(1);
    expect(await kept(source.id)).toEqual([]);
  });
});
