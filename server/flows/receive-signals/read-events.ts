import { readSignal } from "../../integrations/signal/read-signal.ts";
import type { Json } from "../../kernel/canonical.ts";
import { VigilError } from "../../kernel/errors.ts";
import { sha256Label } from "../../kernel/hash.ts";
import { parseStrictJson } from "../../kernel/strict-json.ts";
import { SIGNAL_LIMITS, type SignalEvent, type SignalKind } from "../../layers/monitoring/signal-schema.ts";

/** One event of a request, read or not, with what it is known by. */
export type Item = {
  eventId: string;
  digest: string;
  payload: Buffer;
  read: { event: SignalEvent } | { event: null; reason: string };
};

/**
 * The events of a body: one object, or a list of them. What cannot be read is an item, too: it is kept with the reason.
 *
 * @param body attacker-controlled. @param messageId the signed id of the whole message, where there is one.
 */
export function readEvents(kind: SignalKind, body: Buffer, messageId: string | null): Item[] {
  const unread = (reason: string): Item[] => {
    const digest = sha256Label(body);
    return [{ eventId: messageId ?? `held:${digest}`, digest, payload: body, read: { event: null, reason } }];
  };
  let json: Json;
  try {
    json = parseStrictJson(body);
  } catch (error) {
    if (!(error instanceof VigilError)) throw error;
    return unread(`${error.message} Send one JSON object, or a list of them, in UTF-8.`);
  }
  if (!Array.isArray(json)) return [itemOf(kind, json, body, messageId)];
  if (json.length > SIGNAL_LIMITS.eventsMax)
    return unread(`${json.length} events in one request; send at most ${SIGNAL_LIMITS.eventsMax} at a time.`);
  const payloads = partsOf(body.toString("utf8"));
  return json.map((one, index) =>
    itemOf(kind, one, Buffer.from(payloads[index] ?? "null"), messageId && `${messageId}/${index}`),
  );
}

function itemOf(kind: SignalKind, json: Json, payload: Buffer, messageId: string | null): Item {
  const digest = sha256Label(payload);
  const read = readSignal(kind, json);
  const eventId = messageId ?? (read.ok ? read.event.eventId : `held:${digest}`);
  return { eventId, digest, payload, read: read.ok ? read : { event: null, reason: read.reason } };
}

type WithSource = (key: string, value: unknown, context: { source?: string }) => unknown;
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

/** The members of a list as texts, numbers digit for digit: nanoseconds since 1970 are beyond 2^53. */
function partsOf(text: string): string[] {
  const keep: WithSource = (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && String(value) !== source ? rawJSON(source) : value;
  const list = JSON.parse(text, keep as (key: string, value: unknown) => unknown) as unknown[];
  return list.map((one) => JSON.stringify(one));
}
