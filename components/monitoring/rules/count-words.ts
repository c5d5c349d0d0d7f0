/** What a firing counted, as one line: `subjects 60, above 50`. */
export function countWords(counts: Record<string, number | string>): string {
  return Object.entries(counts)
    .map(([what, value]) =>
      what === "said"
        ? String(value)
        : `${what} ${typeof value === "number" ? value.toLocaleString("en-GB") : value}`,
    )
    .join(", ");
}
