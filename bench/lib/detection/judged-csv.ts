import type { TestFacts } from "./seed-report.ts";
import type { JudgedWindow } from "./soc-metrics.ts";

const DAY_MS = 86_400_000;

/**
 * Joins a scorer's rows with the labels of the test. The first minute of the test to the last, in whole days, are its
 * length; a deploy begins with the first minute that is labelled so.
 *
 * @throws RangeError when no minute of the test has a score: the files do not belong together.
 */
export function judgedWindows(labels: string, scores: string): { windows: JudgedWindow[]; facts: TestFacts } {
  const scoreOf = new Map<string, number>();
  for (const [entity, t, score] of rows(scores))
    scoreOf.set(`${entity} ${Date.parse(t ?? "")}`, Number(score));
  const agents = new Map<string, number>();
  let scored = 0;
  const windows = rows(labels).flatMap(([entity = "", t = "", split, attack, , bytes, benign]) => {
    if (!agents.has(entity)) agents.set(entity, agents.size);
    if (split !== "test") return [];
    const atMs = Date.parse(t);
    const score = scoreOf.get(`${entity} ${atMs}`);
    if (score !== undefined) scored += 1;
    return [
      {
        agent: agents.get(entity) ?? 0,
        atMs,
        score: score ?? 0,
        top: null,
        contains: false,
        attack: attack || null,
        attackBytes: Number(bytes),
        benign: benign || null,
      },
    ];
  });
  if (scored === 0)
    throw new RangeError("no minute of the test has a score: these files do not belong together");
  return { windows, facts: { agentDays: agents.size * daysOf(windows), deploys: deploysOf(windows) } };
}

function daysOf(windows: readonly JudgedWindow[]): number {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { atMs } of windows) {
    first = Math.min(first, atMs);
    last = Math.max(last, atMs);
  }
  return Math.max(1, Math.round((last - first) / DAY_MS));
}

function deploysOf(windows: readonly JudgedWindow[]): TestFacts["deploys"] {
  return windows
    .filter(({ benign, agent }, i) => {
      const before = windows[i - 1];
      return benign === "deploy" && (before?.agent !== agent || before.benign !== "deploy");
    })
    .map(({ agent, atMs }) => ({ agent, fromMs: atMs - 60_000 }));
}

/** The rows of a CSV without quotes, its head left out. */
function rows(csv: string): string[][] {
  return csv
    .split("\n")
    .slice(1)
    .filter((line) => line.trim() !== "")
    .map((line) => line.trim().split(","));
}
