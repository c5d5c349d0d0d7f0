import { z } from "zod";
import { type DetectionRuleInput, detectionRule } from "#server/layers/monitoring/rules-schema.ts";
import { lineOfPath } from "../../authorization/policy/json-lines.ts";

/** A rule as the form shows it: types alone, so that a field may be empty while somebody types. */
const formShape = z.looseObject({
  id: z.string(),
  title: z.string(),
  severity: z.string(),
  enabled: z.boolean(),
  description: z.string(),
  falsePositives: z.string(),
  tags: z.looseObject({ atlas: z.array(z.string()), owasp: z.array(z.string()) }),
  condition: z.looseObject({ kind: z.string() }),
  does: z.string(),
  examples: z.array(z.looseObject({ title: z.string(), fires: z.boolean() })),
});
export type FormRule = z.infer<typeof formShape>;
export type FormPart = Record<string, unknown>;
export type Problem = { message: string; line: number | null };

/** What is wrong with a text, the rule as the form can show it, and as it can be sent; null where it cannot. */
export function readRuleDraft(text: string): {
  form: FormRule | null;
  rule: Record<string, unknown> | null;
  problems: Problem[];
} {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      form: null,
      rule: null,
      problems: [{ message: `No JSON: ${(error as Error).message}`, line: null }],
    };
  }
  const form = formShape.safeParse(value);
  const whole = detectionRule.safeParse(value);
  const problems = (whole.error?.issues ?? []).map(({ path, message }) => ({
    message: [path.join("."), message].filter(Boolean).join(": "),
    line: lineOfPath(text, path),
  }));
  return {
    form: form.success ? form.data : null,
    rule: whole.success ? (value as Record<string, unknown>) : null,
    problems,
  };
}

export const ruleText = (rule: unknown): string => JSON.stringify(rule, null, 2);

/** Where a new rule begins: an example of each kind, to be replaced. */
export const NEW_RULE: DetectionRuleInput = {
  id: "new-rule",
  title: "Too many reads in a minute",
  severity: "medium",
  enabled: true,
  description: "",
  falsePositives: "",
  tags: { atlas: [], owasp: [] },
  condition: { kind: "rate", where: { actions: ["*.read"] }, measure: "actions", above: 500, seconds: 60 },
  does: "alert",
  examples: [
    {
      title: "501 reads in a minute",
      fires: true,
      steps: [{ after: 0, times: 501, everyMs: 50, action: "accounts.read" }],
    },
    {
      title: "500 reads in a minute",
      fires: false,
      steps: [{ after: 0, times: 500, everyMs: 50, action: "accounts.read" }],
    },
  ],
};

/** What a condition of another kind begins with. */
export const CONDITIONS: Record<string, FormPart> = {
  rate: { kind: "rate", where: {}, measure: "actions", above: 500, seconds: 60 },
  volume: { kind: "volume", where: {}, aboveBytes: 1_000_000_000, seconds: 60 },
  sequence: {
    kind: "sequence",
    first: { where: { actions: ["*.read"] }, measure: "subjects", atLeast: 50 },
    next: { where: { peer: "outside" } },
    seconds: 900,
  },
  credentials: { kind: "credentials", seconds: 600 },
  "forbidden-data": { kind: "forbidden-data", words: [], patterns: [], unlessScope: "" },
  "single-action": { kind: "single-action", where: { bytesAtLeast: 1_000_000_000 } },
  "untrusted-time": { kind: "untrusted-time" },
};
