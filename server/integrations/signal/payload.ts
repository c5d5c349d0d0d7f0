import type { Json } from "../../kernel/canonical.ts";
import { sha256 } from "../../kernel/hash.ts";
import { plainText } from "../../kernel/plain-text.ts";
import type { AlertSeverity } from "../../layers/monitoring/schema.ts";
import { type ReadSignal, SIGNAL_LIMITS } from "../../layers/monitoring/signal-schema.ts";

export type JsonObject = { [key: string]: Json | undefined };

/** Own members alone: a payload's `__proto__` is a name like any other. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const refuse = (reason: string): ReadSignal => ({ ok: false, reason });

/** A member's text; numbers and booleans as they are written; empty where there is none. */
export function textOf(value: Json | undefined, charsMax: number = SIGNAL_LIMITS.fieldCharsMax): string {
  if (typeof value === "string") return plainText(value, charsMax);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** Scalars of an object as fields that rules read, members of members under `a.b`; bounded. */
export function fieldsOf(...objects: (Json | undefined)[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const object of objects) add(fields, "", object, 0);
  return fields;
}

function add(fields: Map<string, string>, prefix: string, value: Json | undefined, depth: number): void {
  if (fields.size >= SIGNAL_LIMITS.fieldsMax || depth > 4) return;
  if (isObject(value)) {
    for (const [name, member] of Object.entries(value))
      add(fields, plainText(prefix ? `${prefix}.${name}` : name, 120), member, depth + 1);
    return;
  }
  const text = textOf(value);
  if (prefix !== "" && text !== "" && !fields.has(prefix)) fields.set(prefix, text);
}

/** Texts of a list, or of one text with commas. */
export function tagsOf(value: Json | undefined): string[] {
  const list = typeof value === "string" ? value.split(",") : Array.isArray(value) ? value : [];
  const tags = list.slice(0, SIGNAL_LIMITS.tagsMax).map((tag) => textOf(tag, 80));
  return [...new Set(tags.filter((tag) => tag !== ""))];
}

/**
 * An id made of what makes an event this event, where its source has none that stays the same when it is sent again.
 * Numbers are taken as they were read: some of Falco's are beyond 2^53 and have no canonical form.
 */
export function eventDigest(parts: Json): string {
  return `sha256:${sha256(sorted(parts)).toString("hex")}`;
}

function sorted(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sorted(member)}`).join(",")}}`;
}

/** An instant in RFC 3339 with a zone; fractions beyond the millisecond are cut. Null where it is none. */
export function instantOf(value: Json | undefined): Date | null {
  const text = typeof value === "string" ? value.slice(0, 40) : "";
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text)) return null;
  return sane(new Date(text.replace(/(\.\d{3})\d+/, "$1")));
}

/** An instant of whole units since 1970, of the unit that makes it one of this century. */
export function epochOf(value: Json | undefined): Date | null {
  const number = typeof value === "string" && /^\d{9,20}$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !(number > 0)) return null;
  const ms =
    number < 1e11 ? number * 1_000 : number < 1e14 ? number : number < 1e17 ? number / 1e3 : number / 1e6;
  return sane(new Date(Math.floor(ms)));
}

const sane = (at: Date): Date | null =>
  Number.isNaN(at.getTime()) || at.getUTCFullYear() < 2000 || at.getUTCFullYear() > 2200 ? null : at;

/** A rule's name as it stands in alerts. */
export const ruleOf = (value: Json | undefined): string => textOf(value, SIGNAL_LIMITS.ruleCharsMax);
export const titleOf = (value: Json | undefined): string => textOf(value, SIGNAL_LIMITS.titleCharsMax);

/** A severity by the source's own word, in a table; null where the word is none of its words. */
export function severityBy(
  table: Readonly<Record<string, AlertSeverity>>,
  word: string,
): AlertSeverity | null {
  return Object.hasOwn(table, word) ? (table[word] ?? null) : null;
}
