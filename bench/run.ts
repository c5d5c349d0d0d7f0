/** `npm run bench [name …] [--small]`: runs the benchmarks, prints a table and writes bench/results.json. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import path from "node:path";
import { type Bench, type Figure, table } from "./lib/figure.ts";

const here = import.meta.dirname;
/** Commands of their own beside the benchmarks. */
const COMMANDS = ["run.ts", "scenario-csv.ts", "scenario-judge.ts"];
const names = readdirSync(here)
  .filter((file) => file.endsWith(".ts") && !COMMANDS.includes(file))
  .map((file) => file.slice(0, -".ts".length))
  .sort();
const small = process.argv.includes("--small");
const asked = process.argv.slice(2).filter((word) => !/^--|^[\d,]+$/.test(word));
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}. There are: ${names.join(", ")}.`);
  process.exit(2);
}

const figures: Figure[] = [];
for (const name of asked.length > 0 ? asked : names) {
  console.error(`running ${name}${small ? ", small" : ""}`);
  const { default: bench } = (await import(path.join(here, `${name}.ts`))) as { default: Bench };
  figures.push(...(await bench({ small })));
}
console.log(table(figures));
if (!small) keep(figures);
// The doors' and the pools' timers have nothing left to do.
process.exit(0);

/** Figures of other benchmarks stay in the file. */
function keep(measured: readonly Figure[]): void {
  const file = path.join(here, "results.json");
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { figures: Figure[] }) : null;
  const others = (before?.figures ?? []).filter((old) => !measured.some((it) => it.bench === old.bench));
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memoryBytes: totalmem(),
    node: process.version,
  };
  const results = { machine, measuredAt: new Date().toISOString(), figures: [...others, ...measured] };
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}
