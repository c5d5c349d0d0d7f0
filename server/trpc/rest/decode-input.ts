import type { ZodType } from "zod";

type Definition = {
  type: string;
  innerType?: ZodType;
  element?: ZodType;
  in?: ZodType;
  shape?: Record<string, ZodType>;
};

const NUMBER = /^-?\d{1,16}(\.\d{1,12})?$/;

/**
 * Query and path texts as the values that the schema asks for: numbers, `true` and `false`, instants, and
 * lists. A text that is not one stays as it is, so that the schema itself refuses it by name.
 */
export function decodeTexts(schema: ZodType | null, texts: URLSearchParams): Record<string, unknown> {
  const shape = shapeOf(schema);
  const entries = [...new Set(texts.keys())].map((name): [string, unknown] => {
    const values = texts.getAll(name);
    const member = own(shape, name);
    const wanted = definitionOf(member);
    if (wanted?.type === "array") return [name, values.map((value) => decodeText(value, wanted.element))];
    return [name, values.length === 1 ? decodeText(values[0] ?? "", member) : values];
  });
  return Object.fromEntries(entries);
}

/** A JSON body with its instants, which JSON can only write as text, as dates where the schema asks for them. */
export function decodeJson(schema: ZodType | undefined, value: unknown): unknown {
  const wanted = definitionOf(schema);
  if (wanted?.type === "date" && typeof value === "string") return instant(value) ?? value;
  if (wanted?.type === "array" && Array.isArray(value))
    return value.map((item) => decodeJson(wanted.element, item));
  if (wanted?.type === "object" && value && typeof value === "object" && !Array.isArray(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, decodeJson(own(wanted.shape, name), member)]),
    );
  return value;
}

/** The members of an object schema, whatever it is wrapped in; null for another kind of input. */
export function shapeOf(schema: ZodType | null): Record<string, ZodType> | null {
  const wanted = definitionOf(schema ?? undefined);
  return wanted?.type === "object" ? (wanted.shape ?? null) : null;
}

/** A member's schema; names are attacker-controlled, so what every object inherits is none. */
function own(shape: Record<string, ZodType> | null | undefined, name: string): ZodType | undefined {
  return shape && Object.hasOwn(shape, name) ? shape[name] : undefined;
}

function decodeText(text: string, schema: ZodType | undefined): unknown {
  switch (definitionOf(schema)?.type) {
    case "number":
      return NUMBER.test(text) ? Number(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "date":
      return instant(text) ?? text;
    default:
      return text;
  }
}

/** An instant with its zone (RFC 3339); anything else is not one. */
function instant(text: string): Date | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text)) return null;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** The schema inside optional, nullable, default and the like; of a pipe, what goes in. */
function definitionOf(schema: ZodType | undefined): Definition | undefined {
  let definition = schema?._zod.def as unknown as Definition | undefined;
  for (
    let inner = definition?.innerType ?? definition?.in;
    inner;
    inner = definition?.innerType ?? definition?.in
  )
    definition = inner._zod.def as unknown as Definition;
  return definition;
}
