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
  severityBy,
  tagsOf,
  textOf,
  titleOf,
} from "../signal/payload.ts";

/** `$ALERT_PRIORITY` where the monitor has one, else `$ALERT_TYPE`. */
const PRIORITIES: Readonly<Record<string, AlertSeverity>> = {
  p1: "critical",
  p2: "high",
  p3: "medium",
  p4: "low",
  p5: "low",
};
const TYPES: Readonly<Record<string, AlertSeverity>> = {
  error: "high",
  warning: "medium",
  success: "low",
  info: "low",
  user_update: "low",
};

/**
 * One notification of Datadog's webhook with the payload of docs/signals.md. Tags `key:value` are fields that rules
 * read. A variable that Datadog did not fill in stays as `$NAME` or `null` and counts as absent.
 */
export function readDatadog(payload: Json): ReadSignal {
  if (!isObject(payload)) return refuse("The payload is one JSON object: take the one of docs/signals.md.");
  const told = (name: string, charsMax = 512) => {
    const text = textOf(payload[name], charsMax);
    return /^\$[A-Z_]+$/.test(text) || text === "null" ? "" : text;
  };
  const rule = ruleOf(told("alert_title") || told("alert_id") || told("event_title"));
  if (rule === "")
    return refuse(
      "The payload has none of alert_title, alert_id, event_title: take the one of docs/signals.md.",
    );
  const priority = told("alert_priority", 40) || told("alert_type", 40);
  const severity = severityBy({ ...PRIORITIES, ...TYPES }, priority.toLowerCase());
  if (!severity)
    return refuse(
      `Neither alert_priority (P1 to P5) nor alert_type is one of Datadog's: ${priority || "none"}.`,
    );
  const occurredAt = epochOf(payload.date);
  if (!occurredAt) return refuse('The payload has no "date": "$DATE", the milliseconds since 1970.');
  const transition = told("alert_transition", 40);
  const tags = tagsOf(payload.tags).filter((tag) => !tag.startsWith("$"));
  const id = told("id", 80);
  return {
    ok: true,
    event: {
      eventId: id
        ? `${id}:${transition}`
        : eventDigest({ rule, transition, date: payload.date, scope: payload.alert_scope, tags }),
      ...{ occurredAt, rule, tags },
      priority: transition ? `${priority} ${transition}` : priority,
      severity: /^recovered$/i.test(transition) ? "low" : severity,
      title: titleOf(told("event_title")) || rule,
      fields: fieldsOf(Object.fromEntries(tags.flatMap(pairOf)), payload),
      ...{ stream: "", sequence: null, lost: null, heartbeat: false },
    },
  };
}

function pairOf(tag: string): [string, string][] {
  const colon = tag.indexOf(":");
  return colon > 0 ? [[tag.slice(0, colon), tag.slice(colon + 1)]] : [];
}
