const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const SECONDS_AN_HOUR = 3_600;

/** Local hour (with its fraction) and day (0 is Monday) of an instant in a zone, daylight saving included. */
export function localHour(timeZone: string): (at: Date) => { hour: number; day: number } {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const seconds = Number(parts.minute) * 60 + Number(parts.second);
    return {
      hour: Number(parts.hour) + seconds / SECONDS_AN_HOUR,
      day: WEEKDAYS.indexOf(parts.weekday ?? "Mon"),
    };
  };
}
