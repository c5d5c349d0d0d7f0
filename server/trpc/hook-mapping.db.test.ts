import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
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
const findings = (claimed: string) =>
  door.rows<{ issuer: string; count: string; ways: string[] }>(
    sql`select issuer, count, ways from shadow_agents where claimed = ${claimed}`,
  );

it("a label names the agent: its alert carries Falco's words and MITRE tags, and says which rule matched", async () => {
  const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
  const id = await door.agent("mapped-agent");
  await door.bearer(source, falcoEvent({ rule: "Shell" }, { "k8s.pod.label.vigil.agent": "mapped-agent" }));
  const [row] = await kept(source.id);
  expect(row).toMatchObject({
    outcome: "mapped",
    agent_id: id,
    tags: ["T1059", "mitre_execution", "container"],
  });
  expect(row?.matched).toMatchObject({ rule: "label k8s.pod.label.vigil.agent", value: "mapped-agent" });
  expect(Math.abs(Number(row?.lag_ms))).toBeLessThan(60_000);
  const [alert] = await door.alerts(`signal:${source.name}:Shell`);
  expect(alert).toMatchObject({ agent_id: id, severity: "critical", count: 1 });
  expect(alert?.detail).toMatchObject({
    priority: "Critical",
    mitre: ["T1059", "mitre_execution"],
    mappedBy: "label k8s.pod.label.vigil.agent: k8s.pod.label.vigil.agent = mapped-agent",
    fields: expect.arrayContaining(["proc.cmdline=sh"]),
    signalId: row?.id,
  });
  expect((await recordsOf(source.id))[0]).toMatchObject({ agentId: "did:bank:agent:mapped-agent" });
});

it("an unknown identity is a finding, once, and its alert is raised without an agent", async () => {
  const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
  for (let n = 0; n < 3; n++)
    await door.bearer(source, falcoEvent({ rule: "Ghost" }, { "vigil.agent": "ghost-agent" }));
  expect(await findings("ghost-agent")).toMatchObject([
    { issuer: `signals of ${source.name}`, count: 3, ways: ["signal"] },
  ]);
  expect(
    (await kept(source.id)).every(
      ({ outcome, reason }) => outcome === "unmapped" && reason?.includes("ghost-agent"),
    ),
  ).toBe(true);
  expect(await door.alerts(`signal:${source.name}:Ghost`)).toMatchObject([{ agent_id: null, count: 3 }]);
});

it("a source whose unknowns are to be kept only opens none", async () => {
  const source = await door.make({ kind: "falcosidekick", auth: "bearer", findUnknown: false });
  await door.bearer(source, falcoEvent({}, { "vigil.agent": "no-finding" }));
  expect(await findings("no-finding")).toEqual([]);
  expect(await kept(source.id)).toMatchObject([{ outcome: "unmapped" }]);
});

it("hostile names are data: cleaned to be shown, no key and no markup", async () => {
  const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
  const names = [
    "<img src=x onerror=alert(1)>",
    "a\u202Egnp.exe",
    "__proto__",
    "'; drop table agents; --",
    "x".repeat(5_000),
    "\u0000\ud800",
    "* many",
  ];
  for (const name of names)
    expect(
      (await door.bearer(source, falcoEvent({ rule: `R ${name}` }, { "vigil.agent": name }))).status,
    ).toBe(200);
  expect(await findings("<img src=x onerror=alert(1)>")).toHaveLength(1);
  expect(await findings("agnp.exe")).toHaveLength(1);
  const rows = await door.rows<{ text: string }>(
    sql`select claimed || issuer as text from shadow_agents union all select rule || title || detail::text from alerts`,
  );
  for (const { text } of rows) expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect((await door.admin().agents.list({})).total).toBeLessThan(20);
});

it("a thousand new identities make findings up to their bound, and no more", {
  timeout: 60_000,
}, async () => {
  const source = await door.make({ kind: "falcosidekick", auth: "bearer" });
  for (let n = 0; n < 10; n++)
    await door.bearer(
      source,
      Array.from({ length: 100 }, (_, i) => falcoEvent({}, { "vigil.agent": `flood-${n}-${i}` })),
    );
  const [{ count } = { count: 0 }] = await door.rows<{ count: number }>(
    sql`select count(*)::int from shadow_agents where 'signal' = any(ways)`,
  );
  expect(count).toBeLessThanOrEqual(260);
  expect(await kept(source.id)).toHaveLength(1_000);
});

it("an address is its network's only agent's; where two acted from there, nobody's; and a day later, nobody's", async () => {
  const now = new Date();
  const rule = { name: "address", by: "network" as const, field: "fd.cip" };
  const source = await door.make({
    kind: "falcosidekick",
    auth: "bearer",
    mapping: [rule],
    findUnknown: false,
  });
  const acts = async (name: string, network: string, at: Date) => {
    const id = await door.agent(name);
    await door.rows(sql`update agents set last_seen_at = ${at} where id = ${id}`);
    const features = JSON.stringify({ networks: { [network]: 3 } });
    await door.rows(
      sql`insert into feature_windows (agent_id, at, features) values (${id}, ${at}, ${features}::jsonb)`,
    );
    return id;
  };
  const alone = await acts("net-alone", "198.51.100.0/24", now);
  for (const name of ["net-one", "net-two"]) await acts(name, "203.0.113.0/24", now);
  await acts("net-old", "192.0.2.0/24", new Date(now.getTime() - 2 * 86_400_000));
  for (const address of ["198.51.100.7", "203.0.113.7", "192.0.2.7"])
    await door.bearer(source, falcoEvent({ hostname: "" }, { "fd.cip": address }), now);
  const whose = (await kept(source.id)).map(({ payload, agent_id }) => [
    JSON.parse(payload.toString()).output_fields["fd.cip"],
    agent_id,
  ]);
  expect(Object.fromEntries(whose)).toEqual({
    "198.51.100.7": alone,
    "203.0.113.7": null,
    "192.0.2.7": null,
  });
});

it("under the threshold nothing is raised, and nothing is lost", async () => {
  const source = await door.make({ kind: "falcosidekick", auth: "bearer", alertFrom: "critical" });
  await door.bearer(source, falcoEvent({ priority: "Error", rule: "Quiet" }));
  expect(await door.alerts(`signal:${source.name}:Quiet`)).toEqual([]);
  expect(await kept(source.id)).toHaveLength(1);
});
