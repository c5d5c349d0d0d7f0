import { randomUUID } from "node:crypto";
import { z } from "zod";

type Schema = {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  format?: string;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
};

/** The smallest input that a procedure's zod schema takes, as far as its JSON Schema tells. */
export function sampleInput(schema: z.ZodType | undefined): unknown {
  if (!schema) return undefined;
  const asSchema = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === "date") jsonSchema.type = "date" as "string";
    },
  });
  return sample(asSchema as Schema);
}

function sample(schema: Schema): unknown {
  if ("const" in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (choice) return sample(choice);
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, sample(schema.properties?.[name] ?? {})]),
      );
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items ?? {}));
    case "number":
    case "integer":
      return Math.max(schema.minimum ?? 1, (schema.exclusiveMinimum ?? 0) + 1, 1);
    case "date":
      return new Date("2026-11-23T12:00:00.000Z");
    case "boolean":
      return true;
    case "string":
      return sampleText(schema);
    default:
      return undefined;
  }
}

/** Texts of the forms that Vigil's inputs ask for, the first long enough for most refinements. */
const CANDIDATES = [
  "a reason that says enough",
  "a-name",
  "payments:read",
  "payments.read",
  "000000",
  `sha256:${"0".repeat(64)}`,
  "0".repeat(64),
  "did:web:localhost%3A8444:agents:a-name",
  "2026-11-23T12:00:00.000Z",
];

function sampleText({ format, pattern, minLength = 0, maxLength = 1000 }: Schema): string {
  if (format === "uuid") return randomUUID();
  if (format === "email") return `${randomUUID().slice(0, 8)}@bank.example`;
  if (format === "uri") return "https://siem.bank.example/hook";
  if (format === "date-time") return "2026-11-23T12:00:00.000Z";
  const form = pattern ? new RegExp(pattern, "u") : /^/;
  const text = CANDIDATES.find((one) => one.length >= minLength && one.length <= maxLength && form.test(one));
  return text ?? "a".repeat(minLength);
}
