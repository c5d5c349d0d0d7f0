import type { Regulator } from "./schema.ts";

/** How an agency is told, as it published it. Dated, since addresses change: `from` is the day of the source. */
export type RegulatorContact = {
  regulator: Regulator;
  agency: string;
  basis: string;
  from: string;
  source: string;
  channels: { kind: "email" | "phone" | "website" | "person"; value: string }[];
};

/** Newest last. An entry is never edited: a changed address is a new entry. */
export const REGULATOR_CONTACTS: readonly RegulatorContact[] = [
  {
    regulator: "board",
    agency: "Board of Governors of the Federal Reserve System",
    basis: "12 CFR 225.302",
    from: "2022-03-29",
    source: "SR 22-4",
    channels: [
      { kind: "email", value: "incident@frb.gov" },
      { kind: "phone", value: "(866) 364-0096" },
    ],
  },
  {
    regulator: "occ",
    agency: "Office of the Comptroller of the Currency",
    basis: "12 CFR 53.3",
    from: "2022-03-29",
    source: "OCC Bulletin 2022-8",
    channels: [
      { kind: "person", value: "the bank's OCC supervisory office, by e-mail or telephone" },
      { kind: "website", value: "BankNet" },
      { kind: "phone", value: "BankNet Help Desk" },
    ],
  },
  {
    regulator: "fdic",
    agency: "Federal Deposit Insurance Corporation",
    basis: "12 CFR 304.23",
    from: "2022-03-29",
    source: "FIL-12-2022",
    channels: [
      { kind: "person", value: "the bank's FDIC case manager, or the examination team if it is on site" },
      { kind: "email", value: "incident@fdic.gov" },
    ],
  },
];

/** The agency's contact as it stood at an instant; before the first entry, the first. */
export function regulatorContact(regulator: Regulator, at: Date): RegulatorContact {
  const entries = REGULATOR_CONTACTS.filter((entry) => entry.regulator === regulator);
  const day = at.toISOString().slice(0, 10);
  const known = entries.filter((entry) => entry.from <= day).at(-1) ?? entries[0];
  if (!known) throw new Error(`no contact is known for ${regulator}`);
  return known;
}
