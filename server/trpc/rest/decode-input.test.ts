import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { decodeJson, decodeTexts } from "./decode-input.ts";

const schema = z.object({
  name: z.string(),
  page: z.number().int().default(1),
  all: z.boolean().optional(),
  either: z.stringbool().or(z.boolean()).default(false),
  since: z.date().nullable().optional(),
  tags: z.array(z.string()).optional(),
  numbers: z.array(z.number()).optional(),
});

const parse = (query: string) => schema.safeParse(decodeTexts(schema, new URLSearchParams(query)));

it("texts become what the schema asks for", () => {
  expect(
    parse("name=7&page=2&all=false&either=false&since=2026-11-23T12:00:00Z&tags=a&tags=b&numbers=1").data,
  ).toEqual({
    name: "7",
    page: 2,
    all: false,
    either: false,
    since: new Date("2026-11-23T12:00:00Z"),
    tags: ["a", "b"],
    numbers: [1],
  });
});

it("a text that is not one is refused by name, never bent into one", () => {
  for (const [query, path] of [
    ["name=a&page=", "page"],
    ["name=a&page=1e3", "page"],
    ["name=a&page=0x10", "page"],
    ["name=a&all=yes", "all"],
    ["name=a&all=", "all"],
    ["name=a&since=tomorrow", "since"],
    ["name=a&since=2026-11-23", "since"],
    ["name=a&name=b", "name"],
    ["name=a&numbers=x", "numbers"],
  ] as const) {
    const { error } = parse(query);
    expect(error?.issues[0]?.path[0], query).toBe(path);
  }
});

it("the schema itself is never changed by decoding", () => {
  parse("name=a&all=false&page=3");
  expect(schema.safeParse({ name: "a", all: "false" }).success).toBe(false);
  expect(schema.safeParse({ name: "a", page: "3" }).success).toBe(false);
});

it("no query string gives anything a prototype or an unknown member", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("__proto__", "constructor", "name", "x"), fc.string())),
      (pairs) => {
        const { data } = parse(new URLSearchParams(pairs).toString());
        if (data) expect(Object.keys(data)).not.toContain("x");
        expect(({} as Record<string, unknown>).x).toBeUndefined();
      },
    ),
  );
});

it("instants in bodies become dates, however deep, and nothing else is touched", () => {
  const body = z.object({
    at: z.date(),
    items: z.array(z.object({ at: z.date().optional(), text: z.string() })),
  });
  const text = "2026-11-23T12:00:00.000Z";
  const decoded = decodeJson(body, { at: text, items: [{ at: text, text }], more: text });
  expect(decoded).toEqual({ at: new Date(text), items: [{ at: new Date(text), text }], more: text });
  expect(body.safeParse(decodeJson(body, { at: "now", items: [] })).success).toBe(false);
});
