import { readdirSync, readFileSync } from "node:fs";

/** Linux counts CPU in hundredths of a second in /proc (USER_HZ), whatever its own clock. */
const MS_PER_TICK = 10;

/**
 * Milliseconds of CPU that a process and its children have used since they started, those that have ended
 * included. NaN where there is no /proc.
 */
export function cpuOfTree(pid: number): number {
  try {
    const own = readStat(pid);
    const children = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readStat(Number(name)) ?? [])
      .filter(({ parent }) => parent === pid);
    if (!own) return Number.NaN;
    return (own.ticks + own.endedTicks + children.reduce((sum, it) => sum + it.ticks, 0)) * MS_PER_TICK;
  } catch {
    return Number.NaN;
  }
}

/** A process that ends meanwhile is null. */
function readStat(pid: number): { parent: number; ticks: number; endedTicks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in brackets, may hold anything; the fields after it are numbers (proc_pid_stat(5)).
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const field = (number: number) => Number(fields[number - 3]);
    return { parent: field(4), ticks: field(14) + field(15), endedTicks: field(16) + field(17) };
  } catch {
    return null;
  }
}
