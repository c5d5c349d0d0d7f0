import { and, eq, gte, ilike, inArray, isNull, lt, not, or, type SQL, sql } from "drizzle-orm";
import { agents, alerts, incidents, users } from "../../../db/schema/index.ts";
import { ensure } from "../../kernel/ensure.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { type Comparison, parseQuery, type QueryNode } from "./engine/parse-query.ts";
import { rank } from "./raise-store.ts";
import type { ReadFilter } from "./schema.ts";

/** What a query is asked by: who `me` is, and when `now` is. */
export type Asking = { personId: string | null; now: Date };

/**
 * What alerts must meet to pass the filter. The reading joins agents, users and incidents.
 *
 * @throws InvalidInputError `query_invalid`, with the character it is at.
 */
export function conditions(filter: ReadFilter, asking?: Asking): (SQL | undefined)[] {
  return [
    filter.status?.length ? inArray(alerts.status, filter.status) : undefined,
    filter.severity?.length ? inArray(alerts.severity, filter.severity) : undefined,
    filter.kind?.length ? inArray(alerts.kind, filter.kind) : undefined,
    filter.rule ? eq(alerts.rule, filter.rule) : undefined,
    filter.agent ? or(eq(agents.name, filter.agent), eq(agents.did, filter.agent)) : undefined,
    filter.owner === "none"
      ? isNull(alerts.ownerId)
      : filter.owner
        ? eq(alerts.ownerId, filter.owner)
        : undefined,
    filter.from ? gte(alerts.openedAt, filter.from) : undefined,
    filter.to ? lt(alerts.openedAt, filter.to) : undefined,
    filter.search ? anyText(`%${escaped(filter.search)}%`) : undefined,
    filter.query ? ofQuery(filter.query, asking) : undefined,
  ];
}

function ofQuery(text: string, asking: Asking | undefined): SQL | undefined {
  ensure(asking, "a query is asked by somebody, at an instant");
  const { node, fault } = parseQuery(text, asking.now.getTime());
  if (fault) throw new InvalidInputError("query_invalid", fault.message, { at: fault.at });
  return node ? conditionOf(node, asking) : undefined;
}

function conditionOf(node: QueryNode, asking: Asking): SQL {
  switch (node.kind) {
    case "and":
      return and(...node.parts.map((part) => conditionOf(part, asking))) ?? sql`true`;
    case "or":
      return or(...node.parts.map((part) => conditionOf(part, asking))) ?? sql`false`;
    case "not":
      // What is empty is not anything: `not agent:x` keeps alerts about no agent.
      return not(sql`coalesce(${conditionOf(node.part, asking)}, false)`);
    case "text":
      return anyText(node.wild ? patternOf(node.value) : `%${escaped(node.value)}%`) ?? sql`true`;
    case "field":
      return fieldCondition(node, asking);
  }
}

const COLUMNS = {
  status: alerts.status,
  kind: alerts.kind,
  verdict: alerts.disposition,
  rule: alerts.rule,
  cause: alerts.cause,
  group: alerts.groupKey,
  agent: agents.name,
  title: alerts.title,
  owner: users.email,
  number: alerts.number,
  incident: incidents.number,
  count: alerts.count,
  score: alerts.score,
} as const;

function fieldCondition(node: Extract<QueryNode, { kind: "field" }>, { personId, now }: Asking): SQL {
  const { field, comparison, value, wild } = node;
  const sign = sql.raw(comparison === "is" ? "=" : comparison);
  if (field === "severity") return sql`${rank(sql`${alerts.severity}`)} ${sign} ${rank(sql`${value}::text`)}`;
  if (field === "opened" || field === "seen") {
    const column = field === "opened" ? alerts.openedAt : alerts.lastSeenAt;
    return atInstant(sql`${column}`, comparison, Number(value));
  }
  if (field === "age")
    return sql`${now}::timestamptz - ${alerts.openedAt} ${sign} make_interval(secs => ${Number(value) / 1000})`;
  const column = COLUMNS[field as keyof typeof COLUMNS];
  if (value === null) return isNull(column);
  if (field === "owner" && value === "me")
    return personId === null ? sql`false` : eq(alerts.ownerId, personId);
  if (typeof value === "number") return sql`${column} ${sign} ${value}::double precision`;
  if (field === "status" || field === "kind" || field === "verdict") return eq(column, value);
  if (wild) return ilike(column, patternOf(value));
  // Names keep their case in the store; nobody remembers it. A title is found by its words.
  return ilike(column, field === "title" ? `%${escaped(value)}%` : escaped(value));
}

const DAY_MS = 86_400_000;

/** `opened:2026-11-23` is that day; a bare instant is its minute. */
function atInstant(column: SQL, comparison: Comparison, ms: number): SQL {
  if (comparison !== "is") return sql`${column} ${sql.raw(comparison)} ${new Date(ms)}`;
  const end = new Date(ms + (ms % DAY_MS === 0 ? DAY_MS : 60_000));
  return sql`(${column} >= ${new Date(ms)} and ${column} < ${end})`;
}

function anyText(pattern: string): SQL | undefined {
  return or(ilike(alerts.title, pattern), ilike(alerts.rule, pattern), ilike(agents.name, pattern));
}

// PostgreSQL has no text with a zero in it.
const escaped = (text: string) =>
  text.replaceAll("\0", "").replace(/[\\%_]/g, (character) => `\\${character}`);
const patternOf = (text: string) => escaped(text).replaceAll("*", "%");
