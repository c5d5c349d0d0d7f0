import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { listen, Notice, Topic } from "../../db/listen.ts";
import { createEventHub, type LiveEvent } from "./event-hub.ts";

let handlers: { onNotice: (notice: Notice) => void; onReconnect: () => void };
let opened = 0;
const open: typeof listen = (_url, given) => {
  handlers = given;
  opened++;
  return { close: async () => undefined };
};
const say = (topic: Topic, key = "") => handlers.onNotice({ topic, key });

beforeEach(() => {
  vi.useFakeTimers();
  opened = 0;
});
afterEach(() => vi.useRealTimers());

function heard() {
  const hub = createEventHub("postgres://x", open);
  const events: LiveEvent[] = [];
  const stop = hub.subscribe((event) => events.push(event));
  return { hub, events, stop };
}

it("holds one connection, however many listen", () => {
  const { hub } = heard();
  for (let n = 0; n < 200; n++) hub.subscribe(() => undefined);
  expect(opened).toBe(1);
});

it("a storm on one topic is ten events a second, and no key is lost", () => {
  const { events } = heard();
  const told = new Set<string>();
  for (let ms = 0; ms < 1_000; ms++) {
    say("alert", `key-${ms % 40}`);
    told.add(`key-${ms % 40}`);
    vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(1_000);
  expect(events.length).toBeLessThanOrEqual(12);
  expect(new Set(events.flatMap(({ keys }) => keys))).toEqual(told);
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
});

it("more keys than a page would read one by one become: read the whole topic", () => {
  const { events } = heard();
  for (let n = 0; n < 500; n++) say("alert", `key-${n}`);
  vi.advanceTimersByTime(100);
  expect(events).toMatchObject([{ topic: "alert", keys: [] }]);
});

it("topics do not wait for each other, and what is between the processes stays there", () => {
  const { events } = heard();
  for (const topic of ["alert", "incident", "token", "window", "certificate-request"] as const)
    say(topic, "k");
  vi.advanceTimersByTime(1);
  expect(events.map(({ topic }) => topic).sort()).toEqual(["alert", "incident"]);
});

it("a connection that was lost tells everybody to read anew; the first one does not", () => {
  const { events } = heard();
  handlers.onReconnect();
  expect(events).toEqual([]);
  handlers.onReconnect();
  expect(events).toMatchObject([{ topic: "resync" }]);
});

it("who stopped listening hears nothing more", () => {
  const { events, stop } = heard();
  stop();
  say("alert", "k");
  vi.advanceTimersByTime(200);
  expect(events).toEqual([]);
});
