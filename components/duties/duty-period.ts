const DAY_MS = 86_400_000;
const DAYS_SHOWN = 30;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Whole days in UTC; `to` is the first instant after the last day. */
export type DutyPeriod = { from: Date; to: Date; firstDay: string; lastDay: string };

/** The period in the address, both days included; what is absent or no day is the last 30 days. */
export function readPeriod(first: string | null, last: string | null, nowMs: number): DutyPeriod {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const end = readDay(last) ?? today;
  const start = readDay(first) ?? end - (DAYS_SHOWN - 1) * DAY_MS;
  const [from, to] = [Math.min(start, end), Math.max(start, end)];
  return {
    ...{ from: new Date(from), to: new Date(to + DAY_MS) },
    ...{ firstDay: dayText(from), lastDay: dayText(to) },
  };
}

/** The days of a period that was reported on, both included. */
export function periodWords({ from, to }: Pick<DutyPeriod, "from" | "to">): string {
  return `${dayText(from.getTime())} to ${dayText(to.getTime() - 1)}`;
}

function readDay(text: string | null): number | null {
  if (!text || !DATE.test(text)) return null;
  const ms = Date.parse(`${text}T00:00:00.000Z`);
  return Number.isNaN(ms) || dayText(ms) !== text ? null : ms;
}

function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
