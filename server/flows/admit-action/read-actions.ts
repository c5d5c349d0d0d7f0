import { canonicalBytes, type Json } from "../../kernel/canonical.ts";
import { VigilError } from "../../kernel/errors.ts";
import { decode, parseStrictJson } from "../../kernel/strict-json.ts";
import { ACTION_LIMITS, type Action, action, type Refusal } from "../../layers/monitoring/action.ts";
import { type AgentRequest, passed, refuse, type Step } from "./world.ts";

const REASON_CHARS_MAX = 200;

export const NDJSON = "application/x-ndjson";

/** An action of the body in its place: read, or refused with the reason. */
export type ReadAction = { canonical: Buffer } & ({ action: Action } | { refusal: Refusal });

/**
 * Reads the body, whose bytes the signature has proved, into 1 to 1,000 actions. What cannot be read as a whole
 * refuses the request; an action that breaks the schema is refused alone.
 */
export function readActions(
  request: Pick<AgentRequest, "body" | "contentType">,
): Step<{ actions: ReadAction[] }> {
  const checks = [passed("body-size", `The body has ${request.body.length} bytes.`)];
  try {
    const values = readValues(request);
    if (values.length === 0) return refuse(400, "no_actions", "The body holds no action.", { checks });
    if (values.length > ACTION_LIMITS.perRequestMax)
      return refuse(
        400,
        "too_many_actions",
        `A request carries at most ${ACTION_LIMITS.perRequestMax} actions; this one has ${values.length}. Split it.`,
        { checks, facts: { count: values.length, countMax: ACTION_LIMITS.perRequestMax } },
      );
    const actions = values.map(readAction);
    const first = actions[0];
    if (first && actions.every((it) => "refusal" in it))
      return refuse(
        400,
        "invalid_actions",
        `No action can be read. The first: ${"refusal" in first ? first.refusal.reason : ""}`,
        { checks, facts: { count: actions.length } },
      );
    return {
      ok: true,
      actions,
      checks: [...checks, passed("body", `The body holds ${actions.length} actions.`)],
    };
  } catch (error) {
    if (error instanceof VigilError) return refuse(400, error.code, error.message, { checks });
    throw error;
  }
}

function readValues({ body, contentType }: Pick<AgentRequest, "body" | "contentType">): Json[] {
  if (contentType === NDJSON)
    return decode(body)
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map(readLine);
  const value = parseStrictJson(body);
  if (!Array.isArray(value))
    throw new VigilError("not_an_array", 400, "The body is a JSON array of actions, or NDJSON.");
  return value;
}

function readLine(line: string): Json {
  const value = parseStrictJson(line);
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new VigilError("malformed_json", 400, "Each line of NDJSON is one action.");
  return value;
}

function readAction(raw: Json, index: number): ReadAction {
  const canonical = canonicalBytes(raw);
  const read = action.safeParse(raw);
  if (read.success) return { canonical, action: read.data };
  const [issue] = read.error.issues;
  const place = issue?.path.join(".") || "the action";
  return {
    canonical,
    refusal: { index, code: "invalid_action", reason: plain(`${place}: ${issue?.message ?? "invalid"}`) },
  };
}

/** The agent's own member names stand in it: no character that the database or a terminal cannot bear, and an end. */
function plain(reason: string): string {
  return reason.slice(0, REASON_CHARS_MAX).toWellFormed().replace(/\p{C}/gu, "\uFFFD");
}
