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
  hasOwner: boolean;
  /** When each containment began, last 90 days. */
  containments: readonly Date[];
  /** When each alert that a person confirmed was raised, last 30 days. */
  confirmedAlerts: readonly Date[];
  openSevereAlerts: number;
};

export type Contribution = { input: string; value: number; detail: string };
export type TrustScore = { score: number; contributions: Contribution[] };

const DAY_MS = 86_400_000;
const CREDENTIALS = 5;
const KNOWN_DAYS_FULL = 21;
const CONTAINMENT_DAYS = 90;
const CONFIRMED_ALERT_DAYS = 30;

/**
 * Trust in an agent, 0 to 1, as a sum that can be read: what is known of it earns, what went wrong takes
 * away and fades with time. An agent nobody knows yet has at most 0.2. Rounded to four decimals, so that
 * the edge of 0.8 falls the same everywhere.
 *
 * Weights: known history 0.4 at 21 days, calm behaviour 0.4, live credentials 0.1, an owner 0.1; a
 * containment −0.4 fading over 90 days, a confirmed alert −0.15 fading over 30, an open severe alert −0.1,
 * a behaviour score above 0.5 −0.4 times the score.
 */
export function trustScore(facts: TrustFacts, now: Date): TrustScore {
  const contributions = [...earned(facts, now), ...lost(facts, now)].map((it) => ({
    ...it,
    value: round(it.value),
  }));
  const sum = contributions.reduce((total, it) => total + it.value, 0);
  return { score: round(Math.min(1, Math.max(0, sum))), contributions };
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
      value: facts.hasOwner ? 0.1 : 0,
      detail: facts.hasOwner ? "A person answers for it." : "Nobody answers for it.",
    },
  ];
}

function lost(facts: TrustFacts, now: Date): Contribution[] {
  const fading = (dates: readonly Date[], days: number) =>
    dates.reduce((sum, at) => sum + clamp(1 - (now.getTime() - at.getTime()) / (days * DAY_MS), 0, 1), 0);
  const score = facts.score === null ? 0 : clamp(facts.score, 0, 1);
  const entries: Contribution[] = [
    {
      input: "containments",
      value: -0.4 * fading(facts.containments, CONTAINMENT_DAYS),
      detail: `Contained ${facts.containments.length} times in ${CONTAINMENT_DAYS} days.`,
    },
    {
      input: "confirmed alerts",
      value: -0.15 * fading(facts.confirmedAlerts, CONFIRMED_ALERT_DAYS),
      detail: `${facts.confirmedAlerts.length} alerts confirmed in ${CONFIRMED_ALERT_DAYS} days.`,
    },
    {
      input: "open alerts",
      value: -0.1 * facts.openSevereAlerts,
      detail: `${facts.openSevereAlerts} severe alerts are open.`,
    },
    {
      input: "behaviour now",
      value: score > 0.5 ? -0.4 * score : 0,
      detail: `Its behaviour scores ${score.toFixed(2)} now.`,
    },
  ];
  return entries.filter((entry) => entry.value < 0);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
