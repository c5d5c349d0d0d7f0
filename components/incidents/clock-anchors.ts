/** Events with their instants, as an address has them: `aware=2026-03-27T10:00Z,classified=…`. UTC, to the minute. */
export type Anchors = Record<string, string>;

const MINUTE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;

/** The events that are named with an instant; everything else is left out. */
export function readAnchors(text: string | null, events: readonly string[]): Anchors {
  const pairs = (text ?? "").split(",").map((pair) => /^([a-z-]+)=(.+)Z$/.exec(pair));
  return Object.fromEntries(
    pairs.flatMap((pair) =>
      pair?.[1] && pair[2] && events.includes(pair[1]) && MINUTE.test(pair[2]) ? [[pair[1], pair[2]]] : [],
    ),
  );
}

/** The same as text; null where there is none. */
export function anchorsText(anchors: Anchors): string | null {
  const pairs = Object.entries(anchors).filter(([, at]) => MINUTE.test(at));
  return pairs.length === 0 ? null : pairs.map(([event, at]) => `${event}=${at}Z`).join(",");
}

/** As the server is asked, once every event has its instant; null before. */
export function wholeAnchors(anchors: Anchors, events: readonly string[]): string | null {
  return events.every((event) => MINUTE.test(anchors[event] ?? ""))
    ? events.map((event) => `${event}=${anchors[event]}:00Z`).join(",")
    : null;
}
