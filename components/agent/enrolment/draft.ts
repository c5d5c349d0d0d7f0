import { agentName, type CRITICALITIES } from "#server/layers/identity/schema.ts";
import { ADVICE, type AgentType } from "./agent-types.ts";

export const STEPS = ["type", "rights", "place", "review"] as const;
export type Step = (typeof STEPS)[number];

/** What was filled in so far: kept whole while somebody goes to and fro. */
export type Draft = {
  type: AgentType | null;
  scopes: readonly string[];
  name: string;
  title: string;
  ownerId: string | null;
  zone: string;
  criticality: (typeof CRITICALITIES)[number];
  parent: string | null;
  model: string;
  version: string;
};

export type Field = keyof Draft;
export type Errors = Partial<Record<Field, string>>;

export const EMPTY_DRAFT: Draft = {
  type: null,
  scopes: [],
  name: "",
  title: "",
  ownerId: null,
  zone: "a",
  criticality: "standard",
  parent: null,
  model: "",
  version: "",
};

/** The fields of each step: an error leads back to the step where its field stands. */
const FIELDS: Record<Step, readonly Field[]> = {
  type: ["type"],
  rights: ["scopes"],
  place: ["name", "title", "ownerId", "zone", "criticality", "parent", "model", "version"],
  review: [],
};

/** A type brings its advice along; what was filled in by hand elsewhere stays. The same type again changes nothing. */
export function chooseType(draft: Draft, type: AgentType): Draft {
  if (draft.type === type) return draft;
  const advice = ADVICE[type];
  const before = draft.type ? ADVICE[draft.type].title : "";
  return {
    ...draft,
    type,
    scopes: advice.standing.map((it) => it.scope),
    criticality: advice.criticality,
    title: draft.title === "" || draft.title === before ? advice.title : draft.title,
    parent: advice.kind === "agent" ? draft.parent : null,
  };
}

/** What keeps a step from being left, beside the field that it is about. */
export function errorsOf(draft: Draft, step: Step): Errors {
  const errors: Errors = {};
  if (step === "type" && draft.type === null) errors.type = "Choose what kind of work it does.";
  if (step === "place") {
    const name = agentName.safeParse(draft.name);
    if (draft.name === "") errors.name = "Give it a name.";
    else if (!name.success) errors.name = `A name is ${name.error.issues[0]?.message ?? "something else"}.`;
    if (draft.title.length > 120) errors.title = "At most 120 characters.";
    if (draft.parent !== null && draft.parent === draft.name) errors.parent = "No agent is its own parent.";
  }
  return errors;
}

/** The field that the server's refusal is about, by its stable code; null where it is about none. */
export function fieldOfRefusal(code: string | null): Field | null {
  switch (code) {
    case "agent_name_taken":
      return "name";
    case "owner_unknown":
      return "ownerId";
    case "parent_refused":
    case "parent_not_in_service":
    case "agent_unknown":
      return "parent";
    case "scope_unknown":
    case "scope_needs_approval":
    case "not_covered_by_parent":
    case "resource_server":
      return "scopes";
    default:
      return null;
  }
}

/** The step where a field stands. */
export function stepOf(field: Field): Step {
  return STEPS.find((step) => FIELDS[step].includes(field)) ?? "review";
}

/** What is sent: the advice's kind, and nothing that was left empty. */
export function registration(draft: Draft) {
  const { type, scopes, model, version, ...rest } = draft;
  return {
    ...rest,
    kind: type ? ADVICE[type].kind : ("agent" as const),
    scopes: [...scopes],
    model: model.trim() === "" ? null : model.trim(),
    version: version.trim() === "" ? null : version.trim(),
  };
}

/** The commands that enrol the agent and keep it running; the token is read from the terminal, not from the list of processes. */
export function enrolCommands(agent: { name: string; enrolUrl: string; scopes: readonly string[] }): string {
  const scopes = agent.scopes.map((scope) => ` --scope ${scope}`).join("");
  return [
    `vigil agent enrol --url ${agent.enrolUrl} --dir ./${agent.name} --token -`,
    `vigil agent run --dir ./${agent.name}${scopes}`,
  ].join("\n");
}
