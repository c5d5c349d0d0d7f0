const PLAIN = /^[^\s()":<>*]+$/;
const AGES: Record<string, string> = {
  "< 1h": "age < 1h",
  "1h - 1d": "age >= 1h and age < 1d",
  "1d - 7d": "age >= 1d and age < 7d",
  "> 7d": "age >= 7d",
};

/** A facet's value as a term of the query. */
export function termOf(facet: string, value: string): string {
  if (facet === "age") return AGES[value] ?? "";
  return `${facet}:${PLAIN.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`}`;
}

/** The query with one term more, or with what `not` leaves out. Alternatives are put in parentheses first. */
export function withTerm(query: string, term: string, exclude = false): string {
  const added = exclude ? `not ${/ /.test(term) ? `(${term})` : term}` : term;
  if (query.trim() === "") return added;
  if (` ${query} `.includes(` ${added} `)) return query;
  return `${/\bor\b/i.test(query) ? `(${query})` : query} ${added}`;
}

/** The query for what was opened from one instant to before another, instead of any such part it had. */
export function withSpan(query: string, from: Date, to: Date): string {
  const rest = query
    .replace(/\bopened\s*(>=|<)\s*\S+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return withTerm(rest, `opened >= ${from.toISOString()} opened < ${to.toISOString()}`);
}
