/** One place for each hour of the day, so that it is about 03:00 in one of them whenever a demo starts. */
const PLACES = [
  "Pacific/Honolulu",
  "America/Anchorage",
  "America/Los_Angeles",
  "America/Denver",
  "America/Chicago",
  "America/New_York",
  "America/Halifax",
  "America/Sao_Paulo",
  "America/Noronha",
  "Atlantic/Azores",
  "UTC",
  "Europe/Berlin",
  "Europe/Athens",
  "Asia/Riyadh",
  "Asia/Dubai",
  "Asia/Karachi",
  "Asia/Dhaka",
  "Asia/Bangkok",
  "Asia/Singapore",
  "Asia/Tokyo",
  "Australia/Brisbane",
  "Pacific/Guadalcanal",
  "Pacific/Auckland",
  "Pacific/Pago_Pago",
];
const DAY_MINUTES = 1_440;
const WANTED_MINUTE = 3 * 60;

/** The IANA zone whose local time is nearest to 03:00 at this instant. */
export function zoneAtThree(now: Date): string {
  const distance = (zone: string) => {
    const away = Math.abs(minuteOfDay(zone, now) - WANTED_MINUTE);
    return Math.min(away, DAY_MINUTES - away);
  };
  return PLACES.reduce((best, zone) => (distance(zone) < distance(best) ? zone : best));
}

function minuteOfDay(timeZone: string, now: Date): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(now);
  const [hour = 0, minute = 0] = parts.split(":").map(Number);
  return hour * 60 + minute;
}
