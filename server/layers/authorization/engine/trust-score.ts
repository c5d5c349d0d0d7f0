/** The formula's version: kept with each score, so that a score of last year reads as it was meant. */
export const TRUST_VERSION = 2;

/** What trust is judged by; everything is counted up to `now`. */
export type TrustFacts = {
  /** Since when its behaviour is known, imported history included; null while nothing is. */
  knownSince: Date | null;
  /** Minutes observed in the last seven days, and how many of them scored above 0.5. */
  windows: number;
  strangeWindows: number;
  /** Its latest behaviour score; null while it has no baseline. */
  score: number | null;
  /** Certificates it should have that are live now, and how many of the five that is out of. */
  liveCredentials: number;
  /** Credentials whose renewal is late, or failed when it was tried last. */
  lateRenewals: number;
  hasOwner: boolean;
  /** Attestations of what is claimed of it now, not withdrawn: by which authority, and until when. */
  attested: readonly { authority: string; expiresAt: Date }[];
  /** When each containment began, last 90 days. */
  containments: readonly Date[];
  /** Incidents about it that are open, drills left out. */
  openIncidents: number;
  /** When each incident about it was determined to be notifiable, last 90 days. */
  confirmedIncidents: readonly Date[];
  /** When each alert that a person confirmed was raised, last 30 days. */
  confirmedAlerts: readonly Date[];
  openSevereAlerts: number;
};

/** `endsAt`: when it counts nothing any more by time alone (ISO 8601); absent where time alone changes nothing. */
export type Contribution = { input: string; value: number; detail: string; endsAt?: string };
export type TrustScore = { version: number; score: number; contributions: Contribution[] };

const DAY_MS = 86_400_000;
const CREDENTIALS = 5;
/** Business owner, compliance, security review. */
const AUTHORITIES = 3;
const KNOWN_DAYS_FULL = 21;
const INCIDENT_DAYS = 90;
const CONTAINMENT_DAYS = 90;
const CONFIRMED_ALERT_DAYS = 30;

/**
 * Trust in an agent, 0 to 1, as a sum that can be read: what is known of it earns, what went wrong takes
 * away and fades with time. An agent nobody knows yet has at most 0.2. Rounded to four decimals, so that
 * the edge of 0.8 falls the same everywhere.
 *
 * Weights: known history 0.4 at 21 days, calm behaviour 0.4, live credentials 0.1, an owner 0.05, attestations 0.05
 * by all three authorities; a containment −0.4 and an incident that was notifiable −0.3, each fading over 90 days, a
 * confirmed alert −0.15 fading over 30, an open incident or an open severe alert −0.1, a late or failed renewal
 * −0.05, a behaviour score above 0.5 −0.4 times the score.
 */
export function trustScore(facts: TrustFacts, now: Date): TrustScore {
  const contributions = [...earned(facts, now), ...lost(facts, now)].map((it) => ({
    ...it,
    value: round(it.value),
  }));
  const sum = contributions.reduce((total, it) => total + it.value, 0);
  return { version: TRUST_VERSION, score: round(clamp(sum, 0, 1)), contributions };
}

function earned(facts: TrustFacts, now: Date): Contribution[] {
  const days = facts.knownSince
    ? clamp((now.getTime() - facts.knownSince.getTime()) / DAY_MS, 0, KNOWN_DAYS_FULL)
    : 0;
  const calm = facts.windows > 0 ? 1 - clamp(facts.strangeWindows / facts.windows, 0, 1) : 0;
  const live = clamp(facts.liveCredentials, 0, CREDENTIALS);
  return [
    {
      input: "history",
      value: 0.4 * (days / KNOWN_DAYS_FULL),
      detail: `Known for ${Math.floor(days)} of ${KNOWN_DAYS_FULL} days.`,
    },
    {
      input: "behaviour",
      value: 0.4 * calm,
      detail: facts.windows
        ? `${facts.strangeWindows} of ${facts.windows} minutes in seven days scored above 0.5.`
        : "Nothing was observed in the last seven days.",
    },
    {
      input: "credentials",
      value: 0.1 * (live / CREDENTIALS),
      detail: `${live} of ${CREDENTIALS} credentials are live.`,
    },
    {
      input: "owner",
      value: facts.hasOwner ? 0.05 : 0,
      detail: facts.hasOwner ? "A person answers for it." : "Nobody answers for it.",
    },
    attestation(facts, now),
  ];
}

function attestation({ attested }: TrustFacts, now: Date): Contribution {
  const live = attested.filter(({ expiresAt }) => expiresAt > now);
  const authorities = [...new Set(live.map(({ authority }) => authority))].sort();
  const count = Math.min(authorities.length, AUTHORITIES);
  return {
    input: "attestations",
    value: 0.05 * (count / AUTHORITIES),
    detail:
      count > 0
        ? `${count} of ${AUTHORITIES} authorities vouch for it: ${authorities.join(", ")}.`
        : "No authority vouches for what is claimed of it.",
    ...endOf(live.map(({ expiresAt }) => expiresAt.getTime())),
  };
}

function lost(facts: TrustFacts, now: Date): Contribution[] {
  const score = facts.score === null ? 0 : clamp(facts.score, 0, 1);
  const { openIncidents, openSevereAlerts, lateRenewals } = facts;
  const entries: Contribution[] = [
    fading(facts.containments, { input: "containments", each: -0.4, days: CONTAINMENT_DAYS, now }),
    fading(facts.confirmedIncidents, { input: "notifiable incidents", each: -0.3, days: INCIDENT_DAYS, now }),
    fading(facts.confirmedAlerts, {
      input: "confirmed alerts",
      each: -0.15,
      days: CONFIRMED_ALERT_DAYS,
      now,
    }),
    { input: "open incidents", value: -0.1 * openIncidents, detail: `Open now: ${openIncidents}.` },
    { input: "open alerts", value: -0.1 * openSevereAlerts, detail: `Open and severe: ${openSevereAlerts}.` },
    {
      input: "renewals",
      value: -0.05 * Math.min(lateRenewals, CREDENTIALS),
      detail: `${lateRenewals} of ${CREDENTIALS} credentials are late to be renewed, or failed to be.`,
    },
    {
      input: "behaviour now",
      value: score > 0.5 ? -0.4 * score : 0,
      detail: `Its behaviour scores ${score.toFixed(2)} now.`,
    },
  ];
  return entries.filter((entry) => entry.value < 0);
}

/** What went wrong at these times: each counts in full at first and nothing after `days`. */
function fading(
  dates: readonly Date[],
  { input, each, days, now }: { input: string; each: number; days: number; now: Date },
): Contribution {
  const weight = (at: Date) => clamp(1 - (now.getTime() - at.getTime()) / (days * DAY_MS), 0, 1);
  const counting = dates.filter((at) => weight(at) > 0);
  return {
    input,
    value: each * counting.reduce((sum, at) => sum + weight(at), 0),
    detail: `In the last ${days} days: ${counting.length}. Each fades over ${days} days.`,
    ...endOf(counting.map((at) => at.getTime() + days * DAY_MS)),
  };
}

function endOf(endsMs: readonly number[]): { endsAt?: string } {
  return endsMs.length > 0 ? { endsAt: new Date(Math.max(...endsMs)).toISOString() } : {};
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
