/**
 * `node bench/scenario-judge.ts --scores s.csv --labels f.labels.csv`: what any scorer's `entity,t,score` is worth, by
 * the labels that `scenario-csv.ts` wrote. Minutes without a score count as 0.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { judgedWindows } from "./lib/detection/judged-csv.ts";
import { LINES, verdict } from "./lib/detection/report-table.ts";
import { seedReport } from "./lib/detection/seed-report.ts";
import { type Figure, table } from "./lib/figure.ts";

const { values } = parseArgs({ options: { scores: { type: "string" }, labels: { type: "string" } } });
if (!values.scores || !values.labels) {
  console.error("usage: node bench/scenario-judge.ts --scores <scores.csv> --labels <file.labels.csv>");
  process.exit(2);
}
const { windows, facts } = judgedWindows(
  readFileSync(values.labels, "utf8"),
  readFileSync(values.scores, "utf8"),
);
const report = seedReport(facts, windows);
/** A file of scores names no feature and contains nobody. */
const NOT_TOLD = ["contained", "topNamed"];
const figures: Figure[] = LINES.filter(({ key }) => !NOT_TOLD.includes(key)).map((line) => {
  const value = report.values[line.key] ?? Number.NaN;
  const what = `${line.what}${verdict(line, { mean: value, worst: value })}`;
  return { bench: "scenario", what, value, unit: line.unit };
});
for (const [kind, { found, of }] of report.kinds)
  figures.push({
    bench: "scenario",
    what: `recall at 0.25 false alerts of ${kind} (${found} of ${of})`,
    value: found / of,
    unit: "",
  });
for (const [cause, count] of report.causes)
  figures.push({
    bench: "scenario",
    what: `false alerts at 0.25, cause: ${cause === "none" ? "no change" : cause}`,
    value: count,
    unit: "",
  });
console.log(table(figures));
