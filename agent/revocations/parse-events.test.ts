import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventParser } from "./parse-events.ts";

const STREAM = [
  "retry: 1000\n\n",
  "event: reset\ndata: {}\n\n",
  'event: token\ndata: {"jti":"é|1"}\n\n',
  'id: 7.1\nevent: pulse\ndata: {"ageMs":3}\n\n',
  ": a comment\n\n",
  "data: a\ndata: b\n\n",
].join("");
const EVENTS = [
  { event: "reset", data: "{}", id: null },
  { event: "token", data: '{"jti":"é|1"}', id: null },
  { event: "pulse", data: '{"ageMs":3}', id: "7.1" },
  { event: "message", data: "a\nb", id: null },
];

describe("server-sent events", () => {
  it("are the same wherever the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 20 }), (cuts) => {
        const parse = createEventParser();
        const ends = [...cuts.sort((a, b) => a - b), STREAM.length];
        expect(ends.flatMap((end, i) => parse(STREAM.slice(ends[i - 1] ?? 0, end)))).toEqual(EVENTS);
      }),
    );
  });

  it("that are not complete are not told", () =>
    expect(createEventParser()("event: token\ndata: {}\n")).toEqual([]));

  it("without an end are refused before they fill the memory", () => {
    const parse = createEventParser();
    expect(() => {
      for (let i = 0; i < 20; i++) parse("x".repeat(100_000));
    }).toThrow(RangeError);
  });
});
