import type { Json } from "../../kernel/canonical.ts";
import type { AlertSeverity } from "../../layers/monitoring/schema.ts";
import type { ReadSignal } from "../../layers/monitoring/signal-schema.ts";
import {
  eventDigest,
  fieldsOf,
  instantOf,
  isObject,
  type JsonObject,
  refuse,
  ruleOf,
  severityBy,
  tagsOf,
  textOf,
  titleOf,
} from "../signal/payload.ts";

/** Falco's priorities (falco_common.h), as it and falcosidekick write them, in lower case. */
const SEVERITIES: Readonly<Record<string, AlertSeverity>> = {
  emergency: "critical",
  alert: "critical",
  critical: "critical",
  error: "high",
  warning: "medium",
  notice: "low",
  informational: "low",
  debug: "low",
};

/** Falco tells of itself by this rule, at the interval of its `metrics`. */
const SNAPSHOT = "Falco internal: metrics snapshot";

/**
 * One event as Falco's `http_output` and falcosidekick's webhook send it. The id is a digest over what Falco says:
 * falcosidekick's `uuid` is drawn anew whenever it receives the same event again.
 */
export function readFalco(payload: Json): ReadSignal {
  if (!isObject(payload))
    return refuse("A Falco event is one JSON object. Set json_output: true in falco.yaml.");
  const rule = ruleOf(payload.rule);
  const priority = textOf(payload.priority, 40);
  const severity = severityBy(SEVERITIES, priority.toLowerCase());
  const occurredAt = instantOf(payload.time);
  if (rule === "") return refuse("The Falco event has no rule. Set json_output: true in falco.yaml.");
  if (!severity) return refuse(`The Falco event's priority is none of Falco's: ${priority || "none"}.`);
  if (!occurredAt)
    return refuse(
      "The Falco event's time is not RFC 3339. Set time_format_iso_8601 or leave json_output's time.",
    );
  const { hostname, source, output, output_fields: outputFields, tags } = payload;
  const host = textOf(hostname, 120);
  return {
    ok: true,
    event: {
      eventId: eventDigest({
        hostname,
        source,
        rule: payload.rule,
        priority: priority.toLowerCase(),
        time: payload.time,
        output,
        outputFields,
      }),
      ...{ occurredAt, rule, priority, severity },
      title: titleOf(output) || rule,
      tags: tagsOf(tags),
      fields: fieldsOf(outputFields, { hostname, source, uuid: payload.uuid }),
      stream: host,
      sequence: null,
      lost: rule === SNAPSHOT ? lossesOf(outputFields) : null,
      heartbeat: rule === SNAPSHOT,
    },
  };
}

/** What Falco dropped since it started: alerts that its queue could not hold, and system calls it never saw. */
function lossesOf(fields: Json | undefined): { startedAt: string; count: number } | null {
  if (!isObject(fields)) return null;
  const count = counter(fields, "falco.outputs_queue_num_drops") + counter(fields, "scap.n_drops");
  return { startedAt: textOf(fields["falco.start_ts"], 40), count };
}

function counter(fields: JsonObject, name: string): number {
  const value = fields[name];
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
