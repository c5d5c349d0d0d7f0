import type { Tone } from "#components/ui/tone.ts";

type Checks = readonly { passed: boolean }[];

/** How a certificate's checks went: "23 of 23 passed". */
export function checksInWords(checks: Checks): string {
  return `${checks.filter((check) => check.passed).length} of ${checks.length} passed`;
}

/** What all of an agent's certificates come to; null where there is none. */
export function summary(
  reports: readonly { outcome: "allow" | "deny" }[],
): { tone: Tone; words: string } | null {
  if (reports.length === 0) return null;
  const bad = reports.filter((report) => report.outcome === "deny").length;
  if (bad === 0) return { tone: "ok", words: `${reports.length} hold` };
  return { tone: "critical", words: `${bad} of ${reports.length} ${bad === 1 ? "does" : "do"} not hold` };
}
