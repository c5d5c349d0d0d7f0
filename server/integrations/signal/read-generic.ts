import { z } from "zod";
import type { Json } from "../../kernel/canonical.ts";
import type { ReadSignal } from "../../layers/monitoring/signal-schema.ts";
import { eventDigest, fieldsOf, instantOf, refuse, ruleOf, tagsOf, textOf, titleOf } from "./payload.ts";

const SEVERITIES = { critical: "critical", high: "high", medium: "medium", low: "low", info: "low" } as const;

const event = z.object({
  id: z.string().min(1).max(200).optional(),
  time: z.string(),
  rule: z.string().min(1).max(500).optional(),
  severity: z.enum(["critical", "high", "medium", "low", "info"]).optional(),
  message: z.string().max(20_000).optional(),
  /** The agent's name or DID. */
  agent: z.string().min(1).max(200).optional(),
  labels: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  tags: z.array(z.string()).max(200).optional(),
  /** Whose numbers `sequence` are; a new one for every start of the sender. */
  stream: z.string().max(120).optional(),
  sequence: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  /** Says only that the sender lives. */
  heartbeat: z.literal(true).optional(),
});

/** One event in Vigil's own form, for whatever can choose what it sends (docs/signals.md). */
export function readGeneric(payload: Json): ReadSignal {
  const read = event.safeParse(payload);
  if (!read.success) {
    const { path, message } = read.error.issues[0] ?? { path: [], message: "" };
    return refuse(
      `The event's ${path.join(".") || "form"} is wrong: ${textOf(message, 120)}. See docs/signals.md.`,
    );
  }
  const { id, time, rule, severity, message, agent, labels, tags, stream, sequence, heartbeat } = read.data;
  const occurredAt = instantOf(time);
  if (!occurredAt)
    return refuse("The event's time is not RFC 3339 with a zone, such as 2026-03-02T10:00:00.123Z.");
  if (!heartbeat && (!rule || !severity))
    return refuse("An event needs rule and severity, unless it is a heartbeat.");
  return {
    ok: true,
    event: {
      eventId: id ? textOf(id, 200) : eventDigest(payload),
      occurredAt,
      rule: ruleOf(rule) || "heartbeat",
      priority: severity ?? "info",
      severity: SEVERITIES[severity ?? "info"],
      title: titleOf(message) || ruleOf(rule),
      tags: tagsOf(tags),
      fields: fieldsOf(agent === undefined ? undefined : { "vigil.agent": agent }, labels),
      stream: textOf(stream, 120),
      sequence: sequence ?? null,
      lost: null,
      heartbeat: heartbeat ?? false,
    },
  };
}
