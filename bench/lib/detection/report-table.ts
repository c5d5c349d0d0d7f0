import type { Figure } from "../figure.ts";
import type { ScorerName } from "./judge-agent.ts";
import { meanOf, type SeedReport } from "./seed-report.ts";

type Line = { key: string; what: string; unit: string; better: "lower" | "higher"; bar?: number };

/** What a bank's SOC counts, in its order, with the bars of the behaviour engine. */
export const LINES: readonly Line[] = [
  {
    key: "alertsAtRecall60",
    what: "false alerts at event recall 0.60",
    unit: "/agent-day",
    better: "lower",
    bar: 0.25,
  },
  { key: "alertsAtRecall75", what: "false alerts at event recall 0.75", unit: "/agent-day", better: "lower" },
  { key: "minutesToDetect", what: "time to detect, median of those found", unit: "min", better: "lower" },
  { key: "dataLost", what: "exfiltrated data gone before the alarm", unit: "share", better: "lower" },
  { key: "benignShare", what: "false alerts caused by benign change", unit: "share", better: "lower" },
  { key: "contained", what: "contained without cause", unit: "/1,000 agent-days", better: "lower" },
  { key: "recovery", what: "recovery after a deploy", unit: "h", better: "lower" },
  { key: "topNamed", what: "named first: an attacked feature", unit: "share", better: "higher" },
  { key: "alertsAt0.5", what: "false alerts above 0.5, declared 1", unit: "/agent-day", better: "lower" },
  { key: "calibration0.5", what: "calibration error at 0.5", unit: "times", better: "lower" },
  { key: "alertsAt0.7", what: "false alerts above 0.7, declared 0.1", unit: "/agent-day", better: "lower" },
  { key: "calibration0.7", what: "calibration error at 0.7", unit: "times", better: "lower" },
  {
    key: "alertsAt0.9",
    what: "false alerts above 0.9, declared 0.01",
    unit: "/agent-day",
    better: "lower",
    bar: 0.05,
  },
  { key: "calibration0.9", what: "calibration error at 0.9", unit: "times", better: "lower" },
  { key: "recallAt90", what: "event recall above 0.9", unit: "share", better: "higher", bar: 0.25 },
  { key: "averagePrecision", what: "average precision", unit: "", better: "higher", bar: 0.35 },
  {
    key: "recallAtQuarter",
    what: "event recall at 0.25 false alerts",
    unit: "share",
    better: "higher",
    bar: 0.6,
  },
  { key: "recallAtOne", what: "event recall at 1 false alert", unit: "share", better: "higher", bar: 0.8 },
];
/** Figures that only a scorer with declared thresholds, names and a response has. */
const OF_VIGIL_ALONE = /^(contained|topNamed|alertsAt0|calibration|recallAt90)/;

export type Reports = Record<ScorerName, SeedReport[]>;

/** Each line's mean over the seeds and its worst, whether its bar is met, and what the plain detectors reach. */
export function figuresOf(reports: Reports): Figure[] {
  const figures: Figure[] = [];
  for (const line of LINES) {
    const own = summary(reports.vigil, line);
    figures.push({
      ...figure(`${line.what}${verdict(line, own)}`, own.mean, line.unit),
      floor: floorOf(reports, line),
    });
    if (reports.vigil.length > 1) figures.push(figure(`${line.what}, worst seed`, own.worst, line.unit));
    if (line.key === "dataLost") figures.push(...worstKind(reports));
    if (line.key === "benignShare") figures.push(...causesOf(reports.vigil));
    if (!OF_VIGIL_ALONE.test(line.key)) {
      const forest = summary(reports["isolation-forest"], line);
      figures.push(figure(`${line.what}, isolation forest`, forest.mean, line.unit));
    }
  }
  const known = summary(reports.vigil, { key: "chance", better: "higher" });
  figures.push(figure("event recall at 0.25 false alerts, by chance", known.mean, "share"));
  const share = summary(reports.vigil, { key: "attackShare", better: "lower" });
  figures.push(figure("attacked minutes of the test, most of any seed", share.worst, "share"));
  const events = reports.vigil.reduce((sum, { values }) => sum + (values.events ?? 0), 0);
  figures.push(figure("attacks in the test, all seeds", events, "attacks"));
  return figures;
}

/** Mean and worst over the seeds for which there is a figure. */
export function summary(reports: readonly SeedReport[], { key, better }: Pick<Line, "key" | "better">) {
  const values = reports
    .map((report) => report.values[key] ?? Number.NaN)
    .filter((value) => !Number.isNaN(value));
  const worst = better === "lower" ? Math.max(...values) : Math.min(...values);
  return { mean: meanOf(values), worst: values.length > 0 ? worst : Number.NaN };
}

/** " (bar ≤ 0.25: met)" where there is a bar; it is met when the mean meets it, and the worst seed is named when it does not. */
export function verdict(
  { better, bar }: Pick<Line, "better" | "bar">,
  of: { mean: number; worst: number },
): string {
  if (bar === undefined) return "";
  const meets = (value: number) => (better === "lower" ? value <= bar : value >= bar);
  const words = !meets(of.mean) ? "NOT MET" : meets(of.worst) ? "met" : "met, not by the worst seed";
  return ` (bar ${better === "lower" ? "≤" : "≥"} ${bar}: ${words})`;
}

function floorOf(reports: Reports, line: Line): Figure["floor"] {
  if (OF_VIGIL_ALONE.test(line.key)) return undefined;
  return { what: "robust z", value: summary(reports["robust-z"], line).mean };
}

/** Kinds over all seeds together: one seed has too few of each. */
function worstKind(reports: Reports): Figure[] {
  const all = new Map<string, { found: number; of: number }>();
  for (const { kinds } of reports.vigil)
    for (const [kind, { found, of }] of kinds) {
      const before = all.get(kind) ?? { found: 0, of: 0 };
      all.set(kind, { found: before.found + found, of: before.of + of });
    }
  return [...all]
    .map(([kind, { found, of }]) =>
      figure(`recall at 0.25 false alerts of ${kind} (${found} of ${of})`, found / of, "share"),
    )
    .sort((a, b) => a.value - b.value);
}

function causesOf(reports: readonly SeedReport[]): Figure[] {
  const all = new Map<string, number>();
  for (const { causes } of reports)
    for (const [cause, count] of causes) all.set(cause, (all.get(cause) ?? 0) + count);
  const total = [...all.values()].reduce((sum, count) => sum + count, 0);
  return [...all]
    .sort(([, a], [, b]) => b - a)
    .map(([cause, count]) =>
      figure(`false alerts, cause: ${cause === "none" ? "no change" : cause}`, count / total, "share"),
    );
}

function figure(what: string, value: number, unit: string): Figure {
  return { bench: "detection", what, value, unit };
}
