import type { IncidentDetail } from "#server/incidents/views.ts";

export type StepKey = "contain" | "lead" | "determine" | "notify" | "release" | "close";
export type StepState = "done" | "now" | "later";

/** One step of an incident: what it is, how far it is, and what to do with it now. */
export type IncidentStep = {
  key: StepKey;
  title: string;
  state: StepState;
  /** What to do now, as a sentence. */
  todo: string;
  /** The roles that may do it. */
  who: string;
};

type Facts = Pick<
  IncidentDetail,
  "status" | "lead" | "outcome" | "clocks" | "containments" | "tasksDone" | "tasksTotal"
>;

type Rule = {
  key: StepKey;
  title: string;
  applies: (facts: Facts) => boolean;
  done: (facts: Facts) => boolean;
  todo: (facts: Facts) => string;
  who: (facts: Facts) => string;
};

const running = (facts: Facts) =>
  facts.clocks.filter(({ status }) => status === "running" || status === "overdue");
const held = (facts: Facts) => facts.containments.filter(({ status }) => status !== "released");

/** The steps of an incident in the order in which they press. */
const RULES: readonly Rule[] = [
  {
    key: "contain",
    title: "Contain",
    applies: ({ containments }) => containments.length > 0,
    done: ({ containments }) =>
      containments.every(({ status }) => status === "done" || status === "released"),
    todo: ({ containments }) =>
      containments.some(({ steps }) => steps.some(({ status }) => status === "failed"))
        ? "A containment step failed. Vigil tries it again by itself; read why below and see it confirmed."
        : "The containment is under way. Wait until every gateway has confirmed it.",
    who: () => "analyst",
  },
  {
    key: "lead",
    title: "Take the lead",
    applies: () => true,
    done: ({ lead }) => lead !== null,
    todo: () => "Nobody leads this incident. One person takes it, so that the others know whom to ask.",
    who: () => "analyst or compliance",
  },
  {
    key: "determine",
    title: "Determine",
    applies: () => true,
    done: ({ outcome }) => outcome !== null,
    todo: () =>
      "Decide whether this is a notification incident. The 36 hours begin with that decision, and never by themselves.",
    who: () => "compliance",
  },
  {
    key: "notify",
    title: "Notify",
    applies: ({ outcome, clocks }) =>
      outcome === "notifiable" || clocks.some(({ status }) => status !== "superseded"),
    done: (facts) => running(facts).length === 0,
    todo: (facts) => {
      const clock = running(facts)[0];
      return clock
        ? `Tell ${clock.contact.agency} by one of its published contacts, then record the receipt: only that stops the clock.`
        : "";
    },
    who: () => "compliance",
  },
  {
    key: "release",
    title: "Release",
    applies: ({ containments }) => containments.length > 0,
    done: (facts) => held(facts).length === 0,
    todo: (facts) => {
      const asked = held(facts).find(({ release }) => release !== null);
      return asked?.release
        ? `${asked.release.requestedBy.email ?? asked.release.requestedBy.id} asks to release ${asked.agent.name}. A second person confirms or declines.`
        : "When the cause is removed, ask for the agent's release. A second person confirms it.";
    },
    who: (facts) =>
      held(facts).some(({ release }) => release !== null) ? "approver" : "analyst or approver",
  },
  {
    key: "close",
    title: "Close",
    applies: () => true,
    done: ({ status }) => status === "closed",
    todo: ({ tasksDone, tasksTotal }) =>
      tasksDone < tasksTotal
        ? `${tasksTotal - tasksDone} of ${tasksTotal} tasks are open. Finish them, then close the incident.`
        : "Everything is done. Close the incident with what was learnt.",
    who: () => "analyst or compliance",
  },
];

/** The incident's steps with the one that presses now; a closed incident has none that does. */
export function incidentSteps(facts: Facts): IncidentStep[] {
  let pressing = facts.status === "open";
  return RULES.filter((rule) => rule.applies(facts)).map((rule) => {
    const done = rule.done(facts);
    const now = pressing && !done;
    if (now) pressing = false;
    return {
      key: rule.key,
      title: rule.title,
      state: done ? "done" : now ? "now" : "later",
      todo: rule.todo(facts),
      who: rule.who(facts),
    };
  });
}
