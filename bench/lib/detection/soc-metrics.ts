/** A test minute, what a scorer said of it and what is true. */
export type JudgedWindow = {
  agent: number;
  /** End of the minute. */
  atMs: number;
  score: number;
  /** The feature named first, or null where the scorer names none. */
  top: string | null;
  contains: boolean;
  attack: string | null;
  attackBytes: number;
  benign: string | null;
};

const HOUR_MS = 3_600_000;
/** An alarm belongs to an attack while it acts and for this long after one of its calls. */
export const GRACE_MS = 15 * 60_000;
/** After an attack its alarm may stand: neither right nor wrong until then. */
export const AFTERMATH_MS = HOUR_MS;

/** Windows that are nobody's attack nor its aftermath, in order of time by agent: an alarm in them is false. */
export function benignWindows(windows: readonly JudgedWindow[]): JudgedWindow[] {
  const attackedAt = new Map<number, number>();
  return windows.filter((window) => {
    if (window.attack) attackedAt.set(window.agent, window.atMs);
    const last = attackedAt.get(window.agent);
    return !window.attack && (last === undefined || window.atMs > last + AFTERMATH_MS);
  });
}

/** The highest score of each agent's hours, descending: how many reach a threshold is how many false alerts it gives. */
export function hourPeaks(benign: readonly JudgedWindow[]): number[] {
  return [...peaksByHour(benign).values()].map(({ score }) => score).sort((a, b) => b - a);
}

function peaksByHour(windows: readonly JudgedWindow[]): Map<string, JudgedWindow> {
  const peaks = new Map<string, JudgedWindow>();
  for (const window of windows) {
    const key = `${window.agent}/${Math.floor((window.atMs - 1) / HOUR_MS)}`;
    const before = peaks.get(key);
    if (!before || window.score > before.score) peaks.set(key, window);
  }
  return peaks;
}

/** False alerts for each agent and day above a threshold; a standing alarm counts once an hour. */
export function falseAlertRate(peaks: readonly number[], threshold: number, agentDays: number): number {
  return peaks.filter((peak) => peak > threshold).length / agentDays;
}

/** The lowest threshold that gives no more than `perAgentDay` false alerts. */
export function thresholdAt(peaks: readonly number[], perAgentDay: number, agentDays: number): number {
  const allowed = Math.floor(perAgentDay * agentDays + 1e-9);
  return peaks[allowed] ?? Number.NEGATIVE_INFINITY;
}

/** An attack and the highest score it got. */
export type Event = {
  id: string;
  kind: string;
  agent: number;
  startMs: number;
  bytes: number;
  peak: number;
  /** What it did and what was said of it, by minute and in order. */
  windows: JudgedWindow[];
};

/** The attacks of the test with the windows that may detect them. */
export function eventsOf(windows: readonly JudgedWindow[]): Event[] {
  const events = new Map<string, Event>();
  const current = new Map<number, { event: Event; atMs: number }>();
  for (const window of windows) {
    const { agent, attack, atMs } = window;
    if (attack) {
      const event = events.get(attack) ?? begin(window, attack);
      events.set(attack, event);
      event.bytes += window.attackBytes;
      current.set(agent, { event, atMs });
    }
    const at = current.get(agent);
    if (!at || atMs > at.atMs + GRACE_MS) continue;
    at.event.windows.push(window);
    at.event.peak = Math.max(at.event.peak, window.score);
  }
  return [...events.values()];
}

function begin({ agent, atMs }: JudgedWindow, id: string): Event {
  const kind = id.slice(0, id.indexOf("#"));
  return { id, kind, agent, startMs: atMs - 60_000, bytes: 0, peak: Number.NEGATIVE_INFINITY, windows: [] };
}

/** Share of attacks with an alarm; NaN without attacks. */
export function eventRecall(events: readonly Event[], threshold: number): number {
  return events.filter(({ peak }) => peak > threshold).length / events.length;
}

/** The highest threshold at which at least that share of the attacks has an alarm. */
export function thresholdForRecall(events: readonly Event[], recall: number): number {
  const peaks = events.map(({ peak }) => peak).sort((a, b) => b - a);
  const last = peaks[Math.ceil(recall * peaks.length - 1e-9) - 1] ?? Number.NEGATIVE_INFINITY;
  return below(last);
}

/** Recall by attack kind. */
export function recallByKind(
  events: readonly Event[],
  threshold: number,
): Map<string, { found: number; of: number }> {
  const kinds = new Map<string, { found: number; of: number }>();
  for (const { kind, peak } of events) {
    const { found, of } = kinds.get(kind) ?? { found: 0, of: 0 };
    kinds.set(kind, { found: found + (peak > threshold ? 1 : 0), of: of + 1 });
  }
  return kinds;
}

/** Minutes from the attack's first call to the end of the first minute with an alarm, and bytes taken until then. */
export function detectionOf(event: Event, threshold: number): { minutes: number | null; bytesLost: number } {
  let bytesLost = 0;
  for (const { attackBytes, score, atMs } of event.windows) {
    bytesLost += attackBytes;
    if (score > threshold) return { minutes: (atMs - event.startMs) / 60_000, bytesLost };
  }
  return { minutes: null, bytesLost: event.bytes };
}

/** False alerts by the benign change they fell into; `none` is plain noise. */
export function falseAlertsByCause(benign: readonly JudgedWindow[], threshold: number): Map<string, number> {
  const causes = new Map<string, number>();
  for (const { score, benign: cause } of peaksByHour(benign).values())
    if (score > threshold) causes.set(cause ?? "none", (causes.get(cause ?? "none") ?? 0) + 1);
  return causes;
}

/**
 * Average precision over windows: the mean, over attacked windows, of the precision at their score. Windows of equal
 * score come together, so that a scorer which says the same of all gets the share of attacked windows.
 */
export function averagePrecision(windows: readonly { score: number; attack: string | null }[]): number {
  const sorted = [...windows].sort((a, b) => b.score - a.score);
  const all = sorted.filter(({ attack }) => attack).length;
  let [seen, hits, sum] = [0, 0, 0];
  for (let i = 0; i < sorted.length; ) {
    let tied = 0;
    const { score } = sorted[i] ?? { score: 0 };
    for (; i < sorted.length && sorted[i]?.score === score; i++) {
      seen++;
      if (sorted[i]?.attack) tied++;
    }
    hits += tied;
    sum += (tied * hits) / seen;
  }
  return all === 0 ? Number.NaN : sum / all;
}

/** How many times a rate misses what was declared, either way: 1 is exact; 0 measured counts as half an alert. */
export function calibrationError(measured: number, declared: number, agentDays: number): number {
  const rate = Math.max(measured, 0.5 / agentDays);
  return Math.max(rate / declared, declared / rate);
}

/** Hours from a deploy until its agent's last alarm that comes less than a day after the one before it, or the deploy. */
export function recoveryHours(
  benign: readonly JudgedWindow[],
  agent: number,
  deployMs: number,
  threshold: number,
): number {
  let calmFromMs = deployMs;
  for (const window of benign) {
    if (window.agent !== agent || window.atMs <= deployMs || window.score <= threshold) continue;
    if (window.atMs - calmFromMs > 24 * HOUR_MS) break;
    calmFromMs = window.atMs;
  }
  return (calmFromMs - deployMs) / HOUR_MS;
}

/** The next number under one. */
function below(value: number): number {
  return Number.isFinite(value) ? value - Math.max(1e-12, Math.abs(value) * 1e-12) : value;
}
