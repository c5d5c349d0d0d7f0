import type { Place } from "#server/layers/monitoring/place-schema.ts";

/** A place's kind in words. */
export function kindWords(kind: Place["kind"]): string {
  return kind === "data-centre" ? "own data centre" : "other";
}

/** A point on earth as people write it: `50.11° N, 8.68° E`. */
export function pointWords({ latitude, longitude }: Pick<Place, "latitude" | "longitude">): string {
  const part = (degrees: number, positive: string, negative: string) =>
    `${Number(Math.abs(degrees).toFixed(4))}° ${degrees < 0 ? negative : positive}`;
  return `${part(latitude, "N", "S")}, ${part(longitude, "E", "W")}`;
}
