import type { Json } from "../../kernel/canonical.ts";
import type { AlertSeverity } from "../../layers/monitoring/schema.ts";
import type { ReadSignal } from "../../layers/monitoring/signal-schema.ts";
import {
  epochOf,
  eventDigest,
  fieldsOf,
  isObject,
  refuse,
  ruleOf,
  tagsOf,
  textOf,
  titleOf,
} from "../signal/payload.ts";

/** Sysdig's severities: 0 to 3 high, 4 and 5 medium, 6 low, 7 informational. */
const SEVERITIES: readonly AlertSeverity[] = [
  "high",
  "high",
  "high",
  "high",
  "medium",
  "medium",
  "low",
  "low",
];

/** One runtime policy event of Sysdig Secure's event forwarder. */
export function readSysdig(payload: Json): ReadSignal {
  if (!isObject(payload)) return refuse("A Sysdig event is a JSON object. Forward runtime policy events.");
  const content = isObject(payload.content) ? payload.content : {};
  const rule = ruleOf(content.ruleName) || ruleOf(payload.name);
  if (rule === "")
    return refuse("The event names neither content.ruleName nor name. Forward runtime policy events.");
  const severity = typeof payload.severity === "number" ? SEVERITIES[payload.severity] : undefined;
  if (!severity) return refuse("The event's severity is no number from 0 to 7.");
  const occurredAt = epochOf(payload.timestamp);
  if (!occurredAt) return refuse("The event's timestamp is not in nanoseconds or microseconds since 1970.");
  const { id, timestamp, containerId, machineId, labels } = payload;
  return {
    ok: true,
    event: {
      eventId:
        textOf(id, 120) || eventDigest({ rule, timestamp, containerId, machineId, fields: content.fields }),
      ...{ occurredAt, rule, severity },
      priority: String(payload.severity),
      title: titleOf(content.output) || textOf(payload.name) || rule,
      tags: tagsOf(content.ruleTags),
      fields: fieldsOf(labels, content.fields, { "container.id": containerId, machineId }),
      ...{ stream: "", sequence: null, lost: null, heartbeat: false },
    },
  };
}
