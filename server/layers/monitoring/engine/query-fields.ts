import { ALERT_DISPOSITIONS, ALERT_KINDS, ALERT_SEVERITIES, ALERT_STATUSES } from "../schema.ts";

export type QueryField = {
  name: string;
  /** `text` takes wildcards; `ordered` words, numbers, instants and ages take `>` and the like. */
  type: "word" | "ordered" | "text" | "person" | "number" | "instant" | "age";
  words?: readonly string[];
  hint: string;
};

/** What an alert is asked for by. */
export const QUERY_FIELDS: readonly QueryField[] = [
  { name: "status", type: "word", words: ALERT_STATUSES, hint: "open, acknowledged, closed" },
  { name: "severity", type: "ordered", words: ALERT_SEVERITIES, hint: "low to critical; takes >=" },
  { name: "kind", type: "word", words: ALERT_KINDS, hint: "behaviour, rule, isolation …" },
  { name: "verdict", type: "word", words: [...ALERT_DISPOSITIONS, "none"], hint: "how it was judged" },
  { name: "rule", type: "text", hint: "the rule's name; * stands for anything" },
  { name: "cause", type: "text", hint: "what it was about" },
  { name: "group", type: "text", hint: "what groups it" },
  { name: "agent", type: "text", hint: "the agent's name, or none" },
  { name: "title", type: "text", hint: "words of the title, with *" },
  { name: "owner", type: "person", hint: "an e-mail address, me or none" },
  { name: "number", type: "number", hint: "AL-12 is number:12" },
  { name: "incident", type: "number", hint: "the incident's number, or none" },
  { name: "count", type: "number", hint: "how often it was seen" },
  { name: "score", type: "number", hint: "0 to 1" },
  { name: "opened", type: "instant", hint: "2026-11-23, 2026-11-23T12:00Z or now-24h" },
  { name: "seen", type: "instant", hint: "when it was seen last" },
  { name: "age", type: "age", hint: "since it was opened: 30m, 24h, 7d" },
];

/** Fields that may be asked for as empty. */
export const MAY_BE_NONE = new Set(["agent", "owner", "incident", "verdict"]);

export const fieldNamed = (name: string): QueryField | undefined =>
  QUERY_FIELDS.find((field) => field.name === name.toLowerCase());

const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

const DURATION_MS_MAX = 3_650 * 86_400_000;

/** `30m`, `24h`, `7d`, `2w` in ms, ten years at most; null for anything else. */
export function durationMs(text: string): number | null {
  const [, amount, unit = ""] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const ms = amount === undefined ? null : Number(amount) * (UNIT_MS[unit] ?? 0);
  return ms !== null && ms <= DURATION_MS_MAX ? ms : null;
}

/** A day, an instant or `now-24h`, in ms since 1970; null for anything else, and for what was before. */
export function instantMs(text: string, nowMs: number): number | null {
  const back = /^now(?:-(\w+))?$/.exec(text);
  if (back) {
    const ms = back[1] === undefined ? 0 : durationMs(back[1]);
    return ms === null ? null : nowMs - ms;
  }
  const form = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (!form) return null;
  const ms = Date.parse(form[1] && !form[4] ? `${text}Z` : text);
  return Number.isNaN(ms) || ms < 0 ? null : ms;
}
