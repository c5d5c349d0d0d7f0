import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROLES } from "../access/permissions.ts";
import { createCaller } from "./root.ts";
import { contextAs, createTestConsole, type TestConsole } from "./testing/console.ts";
import { falcoEvent, signalDoor } from "./testing/signal-door.ts";

let console: TestConsole;
const door = signalDoor(() => console);
beforeAll(async () => {
  console = await createTestConsole();
});
afterAll(() => console?.close());

const as = (...roles: (typeof ROLES)[number][]) => createCaller(contextAs(console.runtime, roles));
const viewOf = async (id: string) => {
  const found = (await door.admin().signals.sources()).find((one) => one.id === id);
  if (!found) throw new Error("no such source");
  return found;
};
const HOUR = 3_600_000;

describe("only an administrator", () => {
  it.each(ROLES.filter((role) => role !== "admin"))(
    "as %s nothing of a source can be made, changed or seen",
    async (role) => {
      const { id } = await door.make({ kind: "sysdig", auth: "bearer" });
      const { mapping } = await viewOf(id);
      const change = {
        mapping,
        alertFrom: "low" as const,
        findUnknown: false,
        ratePerMinute: 1,
        silentAfterSeconds: null,
      };
      const signals = as(role).signals;
      const acts = [
        () => signals.make({ name: "x", kind: "sysdig", auth: "bearer" }),
        () => signals.rotate({ sourceId: id }),
        () => signals.switch({ sourceId: id, version: 1, enabled: false, reason: "because" }),
        () => signals.change({ sourceId: id, version: 1, ...change }),
        () => signals.test({ sourceId: id }),
        () => signals.sources(),
      ];
      for (const act of acts) await expect(act()).rejects.toMatchObject({ code: "FORBIDDEN" });
      expect(await viewOf(id)).toMatchObject({ enabled: true, version: 1, ratePerMinute: 1_200 });
    },
  );

  it("everybody who reads alerts reads signals, and no secret is in what they read", async () => {
    const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
    await door.bearer(source, falcoEvent());
    for (const role of ROLES) {
      const page = await as(role).signals.list({ sourceId: source.id });
      expect(page.signals).toHaveLength(1);
      expect(JSON.stringify(page)).not.toContain("payload");
    }
    expect(JSON.stringify(await viewOf(source.id))).not.toMatch(/hash|sealed|vsig_/);
  });
});

describe("making one", () => {
  it("is recorded with its settings, and a name is used once for good", async () => {
    const { id, name } = await door.make({ kind: "datadog", auth: "bearer", silentAfterSeconds: 600 });
    expect((await console.records("signal-source.made")).at(-1)).toMatchObject({
      details: { sourceId: id, name, kind: "datadog", silentAfterSeconds: 600 },
    });
    await expect(door.make({ name, kind: "generic", auth: "bearer" })).rejects.toMatchObject({
      cause: { code: "signal_source_name_taken" },
    });
  });

  it("a kind is given no way to prove itself that it cannot use", async () => {
    for (const [kind, auth] of [
      ["falco", "bearer"],
      ["datadog", "signature"],
      ["sysdig", "certificate"],
    ] as const)
      await expect(door.make({ kind, auth })).rejects.toMatchObject({ cause: { code: "auth_unfit" } });
  });

  it.each(["Upper", "has space", "../etc", "a".repeat(33), "-a", "", "x\u202Ey"])(
    "%j is no name",
    async (name) => {
      await expect(door.make({ name, kind: "generic", auth: "bearer" })).rejects.toMatchObject({
        code: "BAD_REQUEST",
      });
    },
  );
});

describe("rotating a secret", () => {
  it.each(["bearer", "signature"] as const)(
    "with %s both count for the overlap, then the new one alone; of three the oldest ends at once",
    async (auth) => {
      const first = await door.make({ kind: "generic", auth });
      const now = new Date();
      let n = 0;
      const send = async (secret: string, at = now) => {
        const body = JSON.stringify({ id: `e${n++}`, time: at.toISOString(), rule: "r", severity: "low" });
        const source = { ...first, secret };
        const answer =
          auth === "bearer"
            ? await door.bearer(source, JSON.parse(body), at)
            : await door.signed(source, `m${n}`, body, at);
        return answer.status;
      };
      const second = await door.admin(now).signals.rotate({ sourceId: first.id, overlapHours: 24 });
      expect([await send(first.secret), await send(second.secret)]).toEqual([200, 200]);
      const later = new Date(now.getTime() + 24 * HOUR);
      expect([await send(first.secret, later), await send(second.secret, later)]).toEqual([401, 200]);
      const third = await door
        .admin(new Date(now.getTime() + 1))
        .signals.rotate({ sourceId: first.id, overlapHours: 1 });
      const then = new Date(now.getTime() + 2);
      expect([
        await send(first.secret, then),
        await send(second.secret, then),
        await send(third.secret, then),
      ]).toEqual([401, 200, 200]);
      expect((await console.records("signal-source.secret-rotated")).length).toBeGreaterThanOrEqual(2);
      expect(JSON.stringify(await console.records("signal-source.secret-rotated"))).not.toContain(
        third.secret,
      );
    },
  );

  it("two administrators at once end with two secrets that count, not three", async () => {
    const { id } = await door.make({ kind: "generic", auth: "bearer" });
    await Promise.all([1, 2, 3, 4].map(() => door.admin().signals.rotate({ sourceId: id })));
    expect((await viewOf(id)).secrets).toHaveLength(2);
  });

  it("a secret sealed for one row does not open in another", async () => {
    const [one, two] = [
      await door.make({ kind: "generic", auth: "signature" }),
      await door.make({ kind: "generic", auth: "signature" }),
    ];
    await console.database.asSuper((client) =>
      client.query(
        "update signal_secrets set sealed = (select sealed from signal_secrets where source_id = $1) where source_id = $2",
        [one.id, two.id],
      ),
    );
    const body = JSON.stringify({ time: new Date().toISOString(), rule: "r", severity: "low" });
    expect((await door.signed({ ...two, secret: one.secret }, "m", body)).status).toBe(500);
    expect(await door.rows(sql`select 1 from signals where source_id = ${two.id}`)).toEqual([]);
  });
});

describe("switching one off", () => {
  it("is recorded with the reason and raises an alert; of two who do it at once one is told", async () => {
    const { id, name } = await door.make({ kind: "sysdig", auth: "bearer" });
    const off = { sourceId: id, version: 1, enabled: false, reason: "Replaced by another" };
    const both = await Promise.allSettled([
      door.admin().signals.switch(off),
      door.admin().signals.switch(off),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(await door.alerts(`signal-source-off:${name}`)).toMatchObject([{ severity: "high", count: 1 }]);
    const switched = await console.records("signal-source.switched");
    expect(
      switched.filter((record) => (record.details as { sourceId: string }).sourceId === id),
    ).toHaveLength(1);
  });
});

describe("changing the mapping", () => {
  it("counts from the next signal on, is recorded with what was before, and an old view changes nothing", async () => {
    const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
    await door.agent("by-host");
    await door.bearer(source, falcoEvent({ hostname: "node-77" }));
    const rule = { name: "node 77", by: "match" as const, when: { hostname: "node-77" }, agent: "by-host" };
    const settings = {
      alertFrom: "high" as const,
      findUnknown: true,
      ratePerMinute: 10,
      silentAfterSeconds: null,
    };
    await door.admin().signals.change({ sourceId: source.id, version: 1, mapping: [rule], ...settings });
    await door.bearer(source, falcoEvent({ hostname: "node-77" }));
    const { signals } = await door.admin().signals.list({ sourceId: source.id });
    expect(signals.map(({ agent, matched }) => [agent?.name, matched?.rule])).toEqual([
      ["by-host", "node 77"],
      [undefined, undefined],
    ]);
    await expect(
      door.admin().signals.change({ sourceId: source.id, version: 1, mapping: [], ...settings }),
    ).rejects.toMatchObject({ code: "CONFLICT" });
    expect((await console.records("signal-source.changed")).at(-1)).toMatchObject({
      details: { to: { mapping: [rule] }, from: { alertFrom: "medium" } },
    });
  });
});

describe("a trial", () => {
  it.each(["falcosidekick", "datadog", "sysdig", "generic"] as const)(
    "of %s shows what the mapping makes of it and raises nothing",
    async (kind) => {
      const source = await door.make({ kind, auth: "bearer", alertFrom: "low" });
      const { outcome, id } = await door.admin().signals.test({ sourceId: source.id });
      expect(outcome).toBe("unmapped");
      const signal = await door.admin().signals.get({ id: id ?? "" });
      expect(signal).toMatchObject({ test: true, alertNumber: null });
      expect(signal.payload).toContain("rial");
      expect(await door.rows(sql`select 1 from alerts where rule like ${`signal:${source.name}:%`}`)).toEqual(
        [],
      );
      expect(
        await door.rows(sql`select 1 from shadow_agents where issuer = ${`signals of ${source.name}`}`),
      ).toEqual([]);
      expect(await viewOf(source.id)).toMatchObject({ receivedAt: null, day: { received: 0 } });
    },
  );
});

describe("what was received", () => {
  it("is evidence: the application can neither change nor remove it", async () => {
    const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
    await door.bearer(source, falcoEvent());
    for (const act of [
      sql`update signals set outcome = 'x'`,
      sql`delete from signals`,
      sql`update signal_secrets set hash = null`,
      sql`update signal_sources set name = 'x'`,
    ])
      await expect(console.runtime.db.execute(act)).rejects.toMatchObject({ cause: { code: "42501" } });
  });

  it("is paged newest first without a gap or a double", async () => {
    const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
    await door.bearer(
      source,
      Array.from({ length: 25 }, () => falcoEvent()),
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await door.admin().signals.list({ sourceId: source.id, limit: 10, cursor });
      seen.push(...page.signals.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(new Set(seen).size).toBe(25);
    expect(seen).toHaveLength(25);
  });

  it("how late it came is measured, also where the source's clock is ahead", async () => {
    const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
    const now = new Date();
    const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString();
    for (const seconds of [2, 4, 60]) await door.bearer(source, falcoEvent({ time: ago(seconds) }), now);
    expect(await viewOf(source.id)).toMatchObject({ lagMs: 60_000, day: { lagMsMedian: 4_000 } });
    await door.bearer(source, falcoEvent({ time: ago(-30) }), now);
    expect((await viewOf(source.id)).lagMs).toBe(-30_000);
  });
});
