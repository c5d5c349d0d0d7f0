import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { importViolations, impureLines } from "./import-rules.ts";

const LINES_MAX = 300;
/** Tests tell several stories of one thing. */
const TEST_LINES_MAX = 400;
const IMPORT =
  /^\s*(?:import|export)\s(?:type\s)?[^;]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm;

/** The files that git knows or would know. */
function sources(): string[] {
  const listed = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "--", "*.ts", "*.tsx"],
    { encoding: "utf8" },
  );
  return listed.split("\n").filter((file) => file && existsSync(file));
}

/** An import as a path from the root, or null where it is a package. */
function resolveImport(file: string, specifier: string): string | null {
  if (specifier.startsWith("#")) return specifier.slice(1);
  if (!specifier.startsWith(".")) return null;
  return path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
}

const files = sources().filter((file) => !file.startsWith("next-env"));
const complaints: string[] = [];
const imports = files.flatMap((file) =>
  [...readFileSync(file, "utf8").matchAll(IMPORT)].flatMap(([text, from, bare, dynamic]) => {
    const target = resolveImport(file, from ?? bare ?? dynamic ?? "");
    return target ? [{ file, imports: target, typeOnly: /^\s*(import|export)\stype/.test(text) }] : [];
  }),
);
for (const v of importViolations(imports))
  complaints.push(`${v.file} (${v.area}) imports ${v.imports}\n    ${v.teach}`);
for (const file of files) {
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n").length;
  const most = file.includes(".test.") ? TEST_LINES_MAX : LINES_MAX;
  if (lines > most && !file.startsWith("db/migrations"))
    complaints.push(
      `${file} has ${lines} lines\n    One idea a file: over ${most} lines it holds several. Split it by what its parts do.`,
    );
  if (/\/engine\//.test(file) && !file.includes(".test."))
    for (const line of impureLines(text))
      complaints.push(
        `${file}:${line} is not pure\n    An engine takes facts and \`now\`. Read the clock at the door, the database in the verb, and pass them in.`,
      );
}
if (complaints.length > 0) {
  console.error(
    `${complaints.join("\n")}\n${complaints.length} ${complaints.length === 1 ? "place" : "places"} against the layout; see AGENTS.md, "Where things go".`,
  );
  process.exit(1);
}
console.log(`layout: ${files.length} files, ${imports.length} imports, all in their direction`);
