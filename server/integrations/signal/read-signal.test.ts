import { describe, expect, it } from "vitest";
import type { Json } from "../../kernel/canonical.ts";
import { SIGNAL_KINDS, type SignalEvent, type SignalKind } from "../../layers/monitoring/signal-schema.ts";
import { exampleSignal } from "./example-signal.ts";
import { readSignal } from "./read-signal.ts";

function event(kind: SignalKind, payload: Json): SignalEvent {
  const read = readSignal(kind, payload);
  if (!read.ok) throw new Error(read.reason);
  return read.event;
}
const reason = (kind: SignalKind, payload: Json) => {
  const read = readSignal(kind, payload);
  return read.ok ? null : read.reason;
};

const FALCO = {
  hostname: "node-1",
  output: "10:20:53.4: Warning Shell in a container (user=root pod=payer-0)",
  output_fields: {
    "container.id": "3ad7b26ded6d",
    "evt.time": Number("1748557198960296886"),
    "k8s.ns.name": "agents",
    "k8s.pod.name": "payer-0",
    "proc.pid": 7,
    "user.name": "root",
  },
  priority: "Warning",
  rule: "Terminal shell in container",
  source: "syscall",
  tags: ["T1059", "container", "mitre_execution"],
  time: "2025-05-29T22:19:58.960296886Z",
};

describe("Falco", () => {
  it("an event as http_output sends it", () => {
    expect(event("falco", FALCO)).toMatchObject({
      occurredAt: new Date("2025-05-29T22:19:58.960Z"),
      rule: "Terminal shell in container",
      severity: "medium",
      tags: ["T1059", "container", "mitre_execution"],
      stream: "node-1",
      heartbeat: false,
    });
    expect(event("falco", FALCO).fields.get("k8s.pod.name")).toBe("payer-0");
  });

  it("sent again it has the same id; through falcosidekick, too, whose uuid is drawn anew", () => {
    const { eventId } = event("falco", FALCO);
    expect(event("falco", JSON.parse(JSON.stringify(FALCO))).eventId).toBe(eventId);
    for (const uuid of ["6f1ddc3d-8b2c-4f1a-8c9a-1c1f1d1f1d1f", "0b0f5a5c-1111-4222-8333-444455556666"])
      expect(
        event("falcosidekick", {
          uuid,
          ...FALCO,
          output_fields: Object.fromEntries(Object.entries(FALCO.output_fields).toReversed()),
        }).eventId,
      ).toBe(eventId);
  });

  it("another time, by a nanosecond, host, rule or field is another event", () => {
    const { eventId } = event("falco", FALCO);
    for (const over of [
      { time: "2025-05-29T22:19:58.960296887Z" },
      { hostname: "node-2" },
      { rule: "Other" },
      { output_fields: { ...FALCO.output_fields, "proc.pid": 8 } },
    ])
      expect(event("falco", { ...FALCO, ...over }).eventId).not.toBe(eventId);
  });

  it.each([
    ["Emergency", "critical"],
    ["Alert", "critical"],
    ["CRITICAL", "critical"],
    ["Error", "high"],
    ["Notice", "low"],
    ["Informational", "low"],
    ["Debug", "low"],
  ])("priority %s is %s", (priority, severity) => {
    expect(event("falco", { ...FALCO, priority }).severity).toBe(severity);
  });

  it("its metrics snapshot is a heartbeat that tells what it dropped", () => {
    const snapshot = {
      ...{
        hostname: "test",
        output: "Falco metrics snapshot",
        priority: "Informational",
        source: "internal",
      },
      ...{ rule: "Falco internal: metrics snapshot", time: "2025-05-29T22:19:58.960296886Z" },
      output_fields: {
        "falco.start_ts": Number("1748557118881742916"),
        "falco.outputs_queue_num_drops": 3,
        "scap.n_drops": 4,
      },
    };
    expect(event("falco", snapshot)).toMatchObject({ heartbeat: true, stream: "test", lost: { count: 7 } });
  });

  it("what is missing is named, with what to do", () => {
    expect(reason("falco", { ...FALCO, rule: "" })).toContain("json_output: true");
    expect(reason("falco", { ...FALCO, priority: "toString" })).toContain("none of Falco's");
    expect(reason("falco", { ...FALCO, time: "10:20:53" })).toContain("RFC 3339");
    expect(reason("falco", "10:20:53.4: Warning Shell")).toContain("JSON object");
  });
});

describe("Datadog", () => {
  const sent = {
    ...{ id: "6312345", alert_id: "1234", alert_title: "Agent egress high", alert_type: "error" },
    ...{
      alert_priority: "P2",
      alert_transition: "Triggered",
      date: "1406662672000",
      event_title: "[Triggered] egress",
    },
    ...{
      tags: "vigil.agent:payer,kube_namespace:agents,pod_name:payer-0",
      alert_scope: "host:a",
      hostname: "$HOSTNAME",
    },
  };
  it("tags are fields, the priority goes before the type, and what was not filled in is absent", () => {
    const read = event("datadog", sent);
    expect(read).toMatchObject({
      eventId: "6312345:Triggered",
      severity: "high",
      occurredAt: new Date(1_406_662_672_000),
    });
    expect(read.fields.get("vigil.agent")).toBe("payer");
    expect(event("datadog", { ...sent, alert_priority: "$ALERT_PRIORITY" }).severity).toBe("high");
    expect(event("datadog", { ...sent, alert_priority: "null", alert_type: "info" }).severity).toBe("low");
  });

  it("a recovery is another event and no alarm", () => {
    const recovered = event("datadog", { ...sent, alert_transition: "Recovered" });
    expect(recovered).toMatchObject({ eventId: "6312345:Recovered", severity: "low" });
  });

  it("a payload that is not ours is told which to take", () => {
    expect(reason("datadog", { body: "x" })).toContain("docs/signals.md");
    expect(reason("datadog", { ...sent, date: "yesterday" })).toContain("$DATE");
  });
});

describe("Sysdig", () => {
  const sent = {
    ...{
      id: "164ace360cc3cfbc26ec22d61b439500",
      type: "policy",
      timestamp: Number("1606322948648718268"),
      severity: 0,
    },
    ...{ name: "Notable Filesystem Changes", containerId: "57c1820a87f1", machineId: "08:00:27:54:f3:9d" },
    content: {
      ruleName: "Write below etc",
      ruleTags: ["mitre_persistence"],
      output: "File below /etc opened",
      fields: { "falco.rule": "Write below etc" },
    },
    labels: { "kubernetes.pod.name": "payer-0" },
  };
  it("a runtime policy event with its nanoseconds, labels and tags", () => {
    const read = event("sysdig", sent);
    expect(read).toMatchObject({
      eventId: sent.id,
      rule: "Write below etc",
      severity: "high",
      tags: ["mitre_persistence"],
    });
    expect(read.occurredAt?.toISOString().slice(0, 19)).toBe("2020-11-25T16:49:08");
    expect(read.fields.get("kubernetes.pod.name")).toBe("payer-0");
    expect(event("sysdig", { ...sent, timestamp: 1_518_849_310_380_639 }).occurredAt?.getUTCFullYear()).toBe(
      2018,
    );
  });

  it("a severity beyond its scale is refused", () => {
    for (const severity of [8, -1, 1.5, "0", null])
      expect(reason("sysdig", { ...sent, severity })).toContain("0 to 7");
  });
});

describe("Vigil's own form", () => {
  const sent = { id: "a", time: "2026-03-02T10:00:00.123Z", rule: "r", severity: "high", agent: "payer" };
  it("names its agent, numbers itself, and beats", () => {
    expect(event("generic", { ...sent, sequence: 7, stream: "s" })).toMatchObject({
      eventId: "a",
      sequence: 7,
      stream: "s",
    });
    expect(event("generic", { time: sent.time, heartbeat: true }).heartbeat).toBe(true);
    expect(event("generic", sent).fields.get("vigil.agent")).toBe("payer");
  });

  it.each([
    ["no time", { ...sent, time: undefined }],
    ["a time without a zone", { ...sent, time: "2026-03-02T10:00:00" }],
    ["a sequence below zero", { ...sent, sequence: -1 }],
    ["a sequence that is no integer", { ...sent, sequence: 1.5 }],
    ["no severity", { ...sent, severity: undefined }],
    ["labels in labels", { ...sent, labels: { a: { b: "c" } } }],
  ])("%s is refused with the reason", (_what, payload) => {
    expect(reason("generic", payload as Json)).toMatch(/wrong|RFC 3339|needs/);
  });
});

describe("hostile payloads", () => {
  it("texts are cleaned, fields bounded, and names of prototypes are names", () => {
    const nasty = JSON.parse(
      `{"__proto__":"x","constructor":{"prototype":"y"},"k8s.pod.name":"a\\u0000\\u202eb<script>"}`,
    );
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`f${n}`, "v"]));
    const read = event("falco", {
      ...FALCO,
      rule: "R\u0000\u202E<img>",
      output_fields: { ...nasty, ...many },
    });
    expect(read.rule).toBe("R<img>");
    expect(read.fields.size).toBeLessThanOrEqual(300);
    expect(read.fields.get("k8s.pod.name")).toBe("ab<script>");
    expect(({} as Record<string, unknown>).prototype).toBeUndefined();
  });

  it.each(SIGNAL_KINDS)("%s takes no scalar, list or empty object for an event", (kind) => {
    for (const payload of [null, 1, "x", true, [], {}, [{}]] as Json[])
      expect(readSignal(kind, payload).ok).toBe(false);
  });

  it.each(SIGNAL_KINDS)("the example of %s is one that its reader takes", (kind) => {
    expect(readSignal(kind, JSON.parse(exampleSignal(kind, new Date("2026-03-02T10:00:00Z")))).ok).toBe(true);
  });
});
