import { z } from "zod";
import type { AlertSeverity } from "./schema.ts";

export const SIGNAL_KINDS = ["falco", "falcosidekick", "datadog", "sysdig", "generic"] as const;
export type SignalKind = (typeof SIGNAL_KINDS)[number];
/** How a source proves itself: a secret in a header, a signature with a secret, or a certificate of Vigil's own. */
export const SIGNAL_AUTHS = ["bearer", "signature", "certificate"] as const;
export type SignalAuth = (typeof SIGNAL_AUTHS)[number];

/** Which of them each kind can: Falco sends no headers of one's choice, and only the generic form is signed. */
export const AUTHS_OF: Readonly<Record<SignalKind, readonly SignalAuth[]>> = {
  falco: ["certificate"],
  falcosidekick: ["bearer", "certificate"],
  datadog: ["bearer"],
  sysdig: ["bearer"],
  generic: ["signature", "bearer", "certificate"],
};

/** Where sources with a certificate send, on the gateway. */
export const SIGNALS_PATH = "/v1/signals";
/** Where sources with a secret send, on the console; then the source's name. */
export const HOOKS_PATH = "/api/hooks";

export const SIGNAL_LIMITS = {
  bodyBytesMax: 256 * 1024,
  /** Events in one request. */
  eventsMax: 100,
  /** Fields of an event that rules may read. */
  fieldsMax: 300,
  fieldCharsMax: 512,
  titleCharsMax: 400,
  ruleCharsMax: 60,
  tagsMax: 40,
  /** Streams of one source that are followed by number. */
  streamsMax: 500,
} as const;

/** One event of a source, read and not believed: every text is the source's word. */
export type SignalEvent = {
  /** The source's own id or a digest of what makes it this event. */
  eventId: string;
  occurredAt: Date | null;
  rule: string;
  priority: string;
  severity: AlertSeverity;
  title: string;
  tags: string[];
  fields: ReadonlyMap<string, string>;
  /** Whose numbers and counters these are: a host, an exporter. */
  stream: string;
  sequence: number | null;
  /** The source's own count of what it lost since it started. */
  lost: { startedAt: string; count: number } | null;
  /** Says only that the source lives. */
  heartbeat: boolean;
};
export type ReadSignal = { ok: true; event: SignalEvent } | { ok: false; reason: string };

const ruleName = z.string().trim().min(1).max(60);
const field = z.string().min(1).max(120);
const pattern = z.string().min(1).max(200);

/** How a signal finds its agent; the first rule that applies decides. */
export const mappingRule = z.discriminatedUnion("by", [
  /** The field names the agent: its name or DID. Where it names nobody, no later rule is asked. */
  z.strictObject({ name: ruleName, by: z.literal("agent"), field }),
  /** The field is a workload's or a pod's name, which is the agent's name but for what Kubernetes appends. */
  z.strictObject({ name: ruleName, by: z.literal("workload"), field, namespace: pattern.optional() }),
  /** Every field has its value (`*` at the end stands for any rest): then it is this agent. */
  z.strictObject({
    name: ruleName,
    by: z.literal("match"),
    when: z.record(field, pattern).refine((when) => Object.keys(when).length > 0, "At least one field."),
    agent: z.string().min(1).max(200),
  }),
  /** The field is an address of a network from which exactly one agent has acted lately. */
  z.strictObject({ name: ruleName, by: z.literal("network"), field }),
]);
export type MappingRule = z.infer<typeof mappingRule>;
export const mapping = z.array(mappingRule).max(50);

export const matched = z.object({ rule: z.string(), by: z.string(), field: z.string(), value: z.string() });
export type Matched = z.infer<typeof matched>;

/** A range of numbers that never came, or a count that the source itself says it lost. */
export const signalGap = z.object({
  kind: z.enum(["sequence", "lost"]),
  first: z.number(),
  last: z.number(),
  missing: z.number(),
  noticedAt: z.iso.datetime(),
});
export type SignalGap = z.infer<typeof signalGap>;
export const streamState = z.object({
  v: z.literal(1),
  highest: z.number().nullable(),
  gaps: z.array(signalGap),
  lost: z.object({ startedAt: z.string(), count: z.number() }).nullable(),
});
export type StreamState = z.infer<typeof streamState>;

/** What a source is answered, event by event in its order. */
export const receivedSignal = z.object({
  /** Null for a heartbeat, of which nothing is kept. */
  id: z.uuid().nullable(),
  outcome: z.enum(["mapped", "unmapped", "held", "heartbeat"]),
  reason: z.string().nullable(),
  /** It was received before: this is what was made of it then. */
  repeated: z.boolean(),
});
export type ReceivedSignal = z.infer<typeof receivedSignal>;
