import { z } from "zod";
import {
  CLIENT_AUTH_METHODS,
  RISKS,
  SCOPE_GROUPS,
  type ScopePolicy,
  scopePolicy,
} from "#server/layers/authorization/policy-schema.ts";
import { lineOfPath, lineOfText } from "./json-lines.ts";

/** A change that is being written: the text is the truth, so that nothing that was typed is lost. */
export type PolicyDraft = { baseVersion: number; text: string; reason: string };

const step = z.looseObject({
  title: z.string(),
  needs: z.array(z.looseObject({ from: z.string(), votes: z.number() })),
});

/** What the form needs to show a draft: types alone, so that a field may be empty while somebody types. */
const formShape = z.looseObject({
  mediumTrustAbove: z.number(),
  tokenSecondsMax: z.number(),
  approvalOpenSeconds: z.number(),
  reaskAfterSeconds: z.number(),
  clientAuth: z.array(z.enum(CLIENT_AUTH_METHODS)),
  approverGroups: z.array(
    z.looseObject({ name: z.string(), title: z.string(), members: z.array(z.string()) }),
  ),
  breakGlass: z.looseObject({
    people: z.array(z.string()),
    secondsMax: z.number(),
    reviewWithinSeconds: z.number(),
  }),
  scopes: z.array(
    z.looseObject({
      scope: z.string(),
      title: z.string(),
      risk: z.enum(RISKS),
      group: z.enum(SCOPE_GROUPS),
      secondsMax: z.number().nullable(),
      steps: z.array(step),
      actions: z.array(z.string()),
    }),
  ),
});
export type FormPolicy = z.infer<typeof formShape>;
export type FormScope = FormPolicy["scopes"][number];
export type FormStep = FormScope["steps"][number];

export type Problem = { message: string; line: number | null };

/** A draft that begins at the policy that counts: without its number, which the proposal gives. */
export function draftOf(policy: ScopePolicy): PolicyDraft {
  const { version, ...rest } = policy;
  return { baseVersion: version, text: textOf(rest), reason: "" };
}

export function textOf(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The draft as JSON, as the form shows it, and all that is wrong with it, each with its line. */
export function readDraft({ text, baseVersion }: PolicyDraft): {
  document: Record<string, unknown> | null;
  form: FormPolicy | null;
  problems: Problem[];
} {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return { document: null, form: null, problems: [syntaxProblem(text, String(error))] };
  }
  if (document === null || typeof document !== "object" || Array.isArray(document))
    return {
      document: null,
      form: null,
      problems: [{ message: "A policy is an object in braces.", line: 1 }],
    };
  const whole = document as Record<string, unknown>;
  const checked = scopePolicy.safeParse({ ...whole, version: baseVersion + 1 });
  const problems = checked.success
    ? []
    : checked.error.issues.map(({ path, message }) => ({
        message: path.length > 0 ? `${path.join(".")}: ${message}` : message,
        line: path.length > 0 ? lineOfPath(text, path) : lineOfNamed(text, message),
      }));
  return { document: whole, form: formShape.safeParse(whole).data ?? null, problems };
}

function syntaxProblem(text: string, said: string): Problem {
  const line = /line (\d+)/.exec(said)?.[1];
  const position = /position (\d+)/.exec(said)?.[1];
  const at = line ? Number(line) : position ? text.slice(0, Number(position)).split("\n").length : null;
  return { message: `This is not JSON: ${said.replace(/^SyntaxError: /, "")}`, line: at };
}

/** A rule that spans several places names the scope, group or pattern that it is about. */
function lineOfNamed(text: string, message: string): number | null {
  const words = message.match(/[A-Za-z0-9_.:*-]+/g) ?? [];
  const named = words.map((word) => word.replace(/[:.]$/, "")).find((word) => text.includes(`"${word}"`));
  return named ? lineOfText(text, `"${named}"`) : null;
}

/** A scope that begins empty: guarded as much as any, until somebody says otherwise. */
export function newScope(taken: readonly string[]): FormScope {
  const name = ["new:scope", ...Array.from({ length: 99 }, (_, i) => `new:scope-${i + 2}`)].find(
    (it) => !taken.includes(it),
  );
  return {
    ...{ scope: name ?? "new:scope", title: "", risk: "HIGH", group: "elevated", secondsMax: 3_600 },
    steps: [{ title: "Approval", needs: [{ from: "approvers", votes: 2 }] }],
    ...{ amounts: null, actions: [] },
  };
}

/** A scope in another group, with what that group must and must not have. */
export function intoGroup(scope: FormScope, group: FormScope["group"]): FormScope {
  if (group === "base") return { ...scope, group, risk: "LOW", secondsMax: null, steps: [], amounts: null };
  if (scope.group !== "base") return { ...scope, group };
  const steps = [{ title: "Approval", needs: [{ from: "approvers", votes: 1 }] }];
  return { ...scope, group, secondsMax: 3_600, steps };
}

/** One entry of a list put in another's place, or taken out. */
export function replaced<Item>(list: readonly Item[], at: number, item: Item | null): Item[] {
  return list.flatMap((it, i) => (i === at ? (item === null ? [] : [item]) : [it]));
}
