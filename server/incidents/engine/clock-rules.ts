import { businessDayFrom, type Calendar, closedBecause, TARGET, US_FEDERAL } from "./calendars.ts";
import { addDays, addMonth, civilTime, dateText, instantAt } from "./civil-date.ts";

export type Anchors = Readonly<Record<string, number>>;
/** When it is due, in milliseconds since 1970, and how that was worked out, one sentence a step. */
export type Due = { dueMs: number; steps: string[] };

/** A notification rule of one version. */
export type ClockRule = {
  regime: string;
  title: string;
  version: string;
  /** First day on which it holds, and the last (`null`: it holds still). */
  since: string;
  until: string | null;
  /** Present, so that it is seen to be watched, and switched off: it is not law yet. */
  off?: string;
  recipient: string;
  /** Where the rule is written. */
  basis: string;
  /** Zone of the recipient's day, and its holidays, where days count. */
  timeZone: string;
  calendar: Calendar | null;
  /** Events that must be known before anything can be worked out, in the order in which they happen. */
  events: readonly string[];
  notes: string;
  due: (anchors: Anchors) => Due;
};

const HOUR_MS = 3_600_000;
const NEW_YORK = "America/New_York";
const FRANKFURT = "Europe/Berlin";
const hoursAfter = (event: string, hours: number, said: string) => (anchors: Anchors) => ({
  dueMs: (anchors[event] ?? Number.NaN) + hours * HOUR_MS,
  steps: [
    `${hours} elapsed hours after ${said}; weekends, holidays and changes of the clock do not stop them.`,
  ],
});

/**
 * The clocks that Vigil keeps, in the order in which people read them. Hours are elapsed hours on the line of UTC; days
 * and months are those of the recipient's calendar. What stops each is receipt.
 */
export const CLOCK_RULES: readonly ClockRule[] = [
  {
    ...{ regime: "us-36h", title: "36-hour rule", version: "us-36h/2022-05-01" },
    ...{ since: "2022-05-01", until: null, recipient: "the bank's primary federal regulator" },
    ...{ basis: "86 FR 66424; 12 CFR 53.3, 225.302, 304.23", timeZone: NEW_YORK, calendar: null },
    events: ["determined"],
    notes:
      "The agency must receive the notice as soon as possible, and no later than 36 hours after the determination.",
    due: hoursAfter("determined", 36, "the determination that a notification incident has occurred"),
  },
  {
    ...{ regime: "nydfs-72h", title: "NYDFS 72 hours", version: "nydfs-72h/2023-12-01" },
    ...{ since: "2023-12-01", until: null, recipient: "the Superintendent of Financial Services" },
    ...{ basis: "23 NYCRR 500.17(a)", timeZone: NEW_YORK, calendar: null },
    events: ["determined"],
    notes: "A duty to update the notice goes on after it.",
    due: hoursAfter("determined", 72, "the determination that a cybersecurity incident has occurred"),
  },
  {
    ...{ regime: "nydfs-24h", title: "NYDFS 24 hours after a payment", version: "nydfs-24h/2023-12-01" },
    ...{ since: "2023-12-01", until: null, recipient: "the Superintendent of Financial Services" },
    ...{ basis: "23 NYCRR 500.17(c)(1)", timeZone: NEW_YORK, calendar: null },
    events: ["paid"],
    notes: "Within 30 days of the payment the reasons, the alternatives and the diligence follow in writing.",
    due: hoursAfter("paid", 24, "the extortion payment"),
  },
  {
    ...{ regime: "sec-8k", title: "SEC Form 8-K, Item 1.05", version: "sec-8k/2023-12-18" },
    ...{ since: "2023-12-18", until: null, recipient: "the SEC's EDGAR system" },
    ...{
      basis: "17 CFR 249.308; Form 8-K, General Instruction B.1",
      timeZone: NEW_YORK,
      calendar: US_FEDERAL,
    },
    events: ["determined"],
    notes:
      "Runs from the determination that the incident is material, to be made without unreasonable delay. EDGAR's day ends at 17:30 in New York.",
    due: ({ determined = Number.NaN }) => fourBusinessDays(determined),
  },
  {
    ...{ regime: "dora-initial", title: "DORA initial notification", version: "dora-initial/2025-01-17" },
    ...{ since: "2025-01-17", until: null, recipient: "the competent authority" },
    ...{ basis: "Regulation (EU) 2022/2554 Art. 19(4)(a); RTS (EU) 2025/301 Art. 5(1)(a)" },
    ...{ timeZone: FRANKFURT, calendar: null, events: ["aware", "classified"] },
    notes: "A credit institution's clock does not stop at weekends or on holidays (Art. 5(5)).",
    due: ({ aware = Number.NaN, classified = Number.NaN }) => doraInitial(aware, classified),
  },
  {
    ...{
      regime: "dora-intermediate",
      title: "DORA intermediate report",
      version: "dora-intermediate/2025-01-17",
    },
    ...{ since: "2025-01-17", until: null, recipient: "the competent authority" },
    ...{ basis: "Regulation (EU) 2022/2554 Art. 19(4)(b); RTS (EU) 2025/301 Art. 5(1)(b)" },
    ...{ timeZone: FRANKFURT, calendar: null, events: ["submitted"] },
    notes:
      "Due even where nothing changed. A credit institution's clock does not stop at weekends or on holidays (Art. 5(5)).",
    due: hoursAfter("submitted", 72, "the initial notification was submitted"),
  },
  {
    ...{ regime: "dora-final", title: "DORA final report", version: "dora-final/2025-01-17" },
    ...{ since: "2025-01-17", until: null, recipient: "the competent authority" },
    ...{ basis: "Regulation (EU) 2022/2554 Art. 19(4)(c); RTS (EU) 2025/301 Art. 5(1)(c), 5(5)" },
    ...{ timeZone: FRANKFURT, calendar: TARGET, events: ["submitted"] },
    notes:
      "One month after the latest intermediate report. A deadline on a weekend or bank holiday moves to noon of the next working day.",
    due: ({ submitted = Number.NaN }) => oneMonth(submitted),
  },
  {
    ...{ regime: "gdpr-33", title: "GDPR, breach of personal data", version: "gdpr-33/2018-05-25" },
    ...{ since: "2018-05-25", until: null, recipient: "the supervisory authority" },
    ...{
      basis: "Regulation (EU) 2016/679 Art. 33(1)",
      timeZone: FRANKFURT,
      calendar: null,
      events: ["aware"],
    },
    notes:
      "A period in hours does not move over a weekend (Regulation 1182/71 Art. 3(4)); later, reasons for the delay go along.",
    due: hoursAfter("aware", 72, "the controller became aware of the breach"),
  },
  {
    ...{ regime: "ncua-72h", title: "NCUA 72 hours", version: "ncua-72h/2023-09-01" },
    ...{ since: "2023-09-01", until: null, recipient: "the National Credit Union Administration" },
    ...{ basis: "12 CFR 748.1(c)", timeZone: NEW_YORK, calendar: null, events: ["aware"] },
    notes: "Runs from the reasonable belief that a reportable cyber incident has occurred.",
    due: hoursAfter("aware", 72, "the reasonable belief"),
  },
  {
    ...{ regime: "circia-72h", title: "CIRCIA 72 hours", version: "circia-72h/proposed" },
    ...{ since: "9999-12-31", until: null, off: "CISA's final rule is not in force." },
    ...{ recipient: "CISA", basis: "6 U.S.C. 681b(a)(1); 89 FR 23644 (proposed)" },
    ...{ timeZone: NEW_YORK, calendar: null, events: ["aware"] },
    notes: "Kept and switched off until the final rule holds.",
    due: hoursAfter("aware", 72, "the reasonable belief"),
  },
];

const BUSINESS_DAYS = 4;

/**
 * The fourth business day after the determination. Determined on a day on which the Commission is closed, the period
 * begins with, and includes, the first business day after it.
 */
function fourBusinessDays(determinedMs: number): Due {
  const day = civilTime(determinedMs, NEW_YORK);
  const closed = closedBecause(US_FEDERAL, day);
  let last = businessDayFrom(US_FEDERAL, closed ? day : addDays(day, 1));
  const counted = [last];
  while (counted.length < BUSINESS_DAYS) {
    last = businessDayFrom(US_FEDERAL, addDays(last, 1));
    counted.push(last);
  }
  return {
    dueMs: instantAt(last, 17, 30, 0, NEW_YORK),
    steps: [
      closed
        ? `Determined on ${dateText(day)} in New York, which is no business day (${closed}): the period includes the first one after it.`
        : `Determined on ${dateText(day)} in New York, a business day, which is not counted.`,
      `Business days: ${counted.map(dateText).join(", ")}.`,
      "EDGAR's day ends at 17:30 in New York.",
    ],
  };
}

/** Four hours from classification within 24 from awareness; classified after those 24, four hours from then. */
function doraInitial(awareMs: number, classifiedMs: number): Due {
  const [four, day] = [classifiedMs + 4 * HOUR_MS, awareMs + 24 * HOUR_MS];
  if (classifiedMs > day)
    return {
      dueMs: four,
      steps: ["Classified as major more than 24 hours after awareness: four hours from the classification."],
    };
  return {
    dueMs: Math.min(four, day),
    steps: [
      four <= day
        ? "Four hours after the classification as major, within the 24 hours from awareness."
        : "24 hours after awareness come before four hours from the classification.",
    ],
  };
}

/** The same day and time of the next month in the authority's zone; its last day where there is no such day. */
function oneMonth(submittedMs: number): Due {
  const from = civilTime(submittedMs, FRANKFURT);
  const day = addMonth(from);
  const closed = closedBecause(TARGET, day);
  const month = `One month after ${dateText(from)}${day.day === from.day ? "" : ", which the next month does not have"}: ${dateText(day)}`;
  if (closed === null)
    return {
      dueMs: instantAt(day, from.hour, from.minute, from.second, FRANKFURT),
      steps: [`${month}, at the same time of day in Frankfurt.`],
    };
  const next = businessDayFrom(TARGET, day);
  return {
    dueMs: instantAt(next, 12, 0, 0, FRANKFURT),
    steps: [
      `${month}, which is closed (${closed}): noon in Frankfurt of the next working day, ${dateText(next)}.`,
    ],
  };
}
