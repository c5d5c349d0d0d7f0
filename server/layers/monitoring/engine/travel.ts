import type { Place } from "../place-schema.ts";
import type { Contribution } from "../schema.ts";
import { type PlaceFinder, plainAddress } from "./place-of.ts";
import type { Score } from "./score.ts";
import type { Seen, Whereabouts } from "./sightings.ts";
import { STATIC_SCORE_MAX } from "./static-score.ts";

/** Faster than airliners cruise (Boeing 787: Mach 0.85, about 900 km/h), with the wind behind them. */
export const SPEED_KMH_MAX = 1_000;
/** Nearer than this two places are one: exits of one provider, and coordinates of cities. */
export const APART_KM_MIN = 300;
/** Gateways' clocks differ by less. */
export const SKEW_MS = 30_000;
/** Mean radius of the earth (IUGG R1). */
const EARTH_RADIUS_KM = 6_371.0088;
const MS_PER_HOUR = 3_600_000;
/** What two places at once are worth: it limits and alerts; by itself it does not contain. */
export const TRAVEL_SCORE = 0.8;
/** An address that is claimed and not the connection's, from elsewhere: recorded. */
export const CLAIM_SCORE = 0.6;
/** What "at once" is shown as. */
const SHOWN_KMH_MAX = 1_000_000;

export type Journey = { from: Place; to: Place; km: number; apartMs: number };

/** Great-circle distance in km (haversine: right at the poles and over the date line). */
export function distanceKm(a: Pick<Place, "latitude" | "longitude">, b: typeof a): number {
  const rad = (degrees: number) => (degrees * Math.PI) / 180;
  const half = (degrees: number) => Math.sin(rad(degrees) / 2) ** 2;
  const h =
    half(b.latitude - a.latitude) +
    Math.cos(rad(a.latitude)) * Math.cos(rad(b.latitude)) * half(b.longitude - a.longitude);
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/**
 * The farthest journey that ends in what was seen and is faster than anything travels, or null. Times are those of
 * the connections by the gateways' clocks; the agent has no say in them. A failover between the bank's own data
 * centres is no journey.
 */
export function findTravel(seen: readonly Seen[], known: Whereabouts, placeOf: PlaceFinder): Journey | null {
  const stretches = Object.entries(known).flatMap(([address, times]) => {
    const place = placeOf(address);
    return place ? times.map(([fromMs, toMs]) => ({ place, fromMs, toMs })) : [];
  });
  let farthest: Journey | null = null;
  for (const part of seen)
    for (const [address, [atMs]] of Object.entries(part)) {
      const to = placeOf(address);
      if (!to) continue;
      /** When this place was seen last before: only what came since then counts. */
      const hereMs = lastBefore(
        stretches.filter(({ place }) => distanceKm(place, to) < APART_KM_MIN),
        atMs,
      );
      for (const { place: from, fromMs, toMs } of stretches) {
        const thereMs = Math.min(toMs, atMs - 1);
        if (fromMs >= atMs || thereMs < hereMs) continue;
        const journey = { from, to, km: distanceKm(from, to), apartMs: atMs - thereMs };
        if (isImpossible(journey) && journey.km > (farthest?.km ?? 0)) farthest = journey;
      }
    }
  return farthest;
}

function lastBefore(stretches: readonly { fromMs: number; toMs: number }[], atMs: number): number {
  return stretches.reduce(
    (last, { fromMs, toMs }) => (fromMs < atMs ? Math.max(last, Math.min(toMs, atMs - 1)) : last),
    Number.NEGATIVE_INFINITY,
  );
}

/** Whether nothing travels so far in that time. */
export function isImpossible({ from, to, km, apartMs }: Journey): boolean {
  if (from.kind === "data-centre" && to.kind === "data-centre") return false;
  return km >= APART_KM_MIN && Math.max(0, apartMs) + SKEW_MS < (km / SPEED_KMH_MAX) * MS_PER_HOUR;
}

/** Where an agent says it is while its connection comes from far elsewhere, or null. */
export function findFalseClaim(
  seen: readonly Seen[],
  claimed: Readonly<Record<string, number>>,
  placeOf: PlaceFinder,
): { claimed: Place; seen: Place } | null {
  const real = seen.flatMap((part) => Object.keys(part)).flatMap((address) => placeOf(address) ?? []);
  const [first] = real;
  if (!first) return null;
  for (const network in claimed) {
    const place = placeOf(plainAddress(network.split("/")[0] ?? ""));
    if (place && real.every((one) => distanceKm(one, place) >= APART_KM_MIN))
      return { claimed: place, seen: first };
  }
  return null;
}

/** The score with a journey's or a false claim's part in it: evidence of another kind, so both add up (noisy or). */
export function withTravel(
  judged: Score,
  signs: { journey: Journey | null; claim: { claimed: Place; seen: Place } | null; learning: boolean },
): Score {
  const { journey, claim } = signs;
  if (!journey && !claim) return judged;
  const weight = journey ? TRAVEL_SCORE : CLAIM_SCORE;
  const both = 1 - (1 - judged.score) * (1 - weight);
  const score = Math.round((signs.learning ? Math.min(STATIC_SCORE_MAX, both) : both) * 1e6) / 1e6;
  const kmh = journey
    ? Math.min(SHOWN_KMH_MAX, (journey.km / Math.max(1, journey.apartMs)) * MS_PER_HOUR)
    : 0;
  const contribution: Contribution = {
    feature: "impossibleTravel",
    value: Math.round(kmh),
    expected: { low: 0, high: SPEED_KMH_MAX, typical: 0 },
    deviations: 0,
    share: Math.round((weight / (weight + judged.score)) * 1_000) / 1_000,
    flag: journey ? "alert" : "warning",
    words: journey
      ? wordsOf(journey)
      : `says that it is in ${claim?.claimed.name} and connects from ${claim?.seen.name}`,
  };
  return { score, contributions: [contribution, ...judged.contributions] };
}

function wordsOf({ from, to, km, apartMs }: Journey): string {
  const minutes = Math.ceil(apartMs / 60_000);
  const within = minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
  return `seen in ${from.name} and ${to.name} within ${within} (${Math.round(km)} km apart)`;
}
