/**
 * Runs the tests in stages, shows how far they are, and closes with what passed, failed and was skipped.
 * `verify` is the quick part (no database, no browser); `all` is everything, with long tests short; `soak`
 * is the long tests whole.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

type Counts = { passed: number; failed: number; skipped: number };
type Stage = {
  name: string;
  command: string[];
  count: (code: number, report: string) => Counts;
  env?: Record<string, string>;
};

const folder = mkdtempSync(path.join(tmpdir(), "vigil-reports-"));
const report = (name: string) => path.join(folder, `${name}.json`);

const check = (name: string, ...command: string[]): Stage => ({
  name,
  command,
  count: (code) => (code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }),
});

const tests = (name: string, project: string): Stage => ({
  name,
  command: [
    "vitest",
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report(project)}`,
  ],
  count: (code) => countVitest(code, report(project)),
});

const browser: Stage = {
  name: "browser journeys",
  command: ["playwright", "test", "--reporter=list,json"],
  env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report("e2e") },
  count: (code) => countPlaywright(code, report("e2e")),
};

const VERIFY = [
  check("format and lint", "biome", "check", "."),
  check("layout", "node", "scripts/lint.ts"),
  check("types", "tsc", "--noEmit"),
  tests("unit tests", "unit"),
];
const STAGES: Record<string, Stage[]> = {
  verify: VERIFY,
  all: [
    ...VERIFY,
    tests("integration tests", "integration"),
    check("benchmarks run", "node", "bench/run.ts", "--small"),
    browser,
  ],
  soak: [
    { ...tests("integration tests, whole", "integration"), env: { VIGIL_SOAK: "1" } },
    { ...browser, env: { ...browser.env, VIGIL_SOAK: "1" } },
  ],
};

const stages = STAGES[process.argv[2] ?? "verify"] ?? VERIFY;
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const [index, stage] of stages.entries()) {
  console.log(`\n[${index + 1}/${stages.length}] ${stage.name}`);
  const code = await run(stage);
  const counts = stage.count(code, stage.name);
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  for (const key of ["passed", "failed", "skipped"] as const) total[key] += counts[key];
}
rmSync(folder, { recursive: true, force: true });
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);

function run(stage: Stage): Promise<number> {
  const [program = "", ...args] = stage.command;
  const bin = path.resolve("node_modules/.bin");
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...stage.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` },
    });
    child.once("error", () => resolve(1));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

function countVitest(code: number, file: string): Counts {
  try {
    const said = JSON.parse(readFileSync(file, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
    };
    return { passed: said.numPassedTests, failed: said.numFailedTests, skipped: said.numPendingTests };
  } catch {
    return { passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  }
}

function countPlaywright(code: number, file: string): Counts {
  try {
    const { stats } = JSON.parse(readFileSync(file, "utf8")) as {
      stats: { expected: number; unexpected: number; flaky: number; skipped: number };
    };
    return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped };
  } catch {
    return { passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  }
}
