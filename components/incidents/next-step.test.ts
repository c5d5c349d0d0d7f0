import { describe, expect, it } from "vitest";
import type { ContainmentView, IncidentDetail } from "#server/incidents/views.ts";
import { incidentSteps } from "./next-step.ts";

type Facts = Parameters<typeof incidentSteps>[0];
const person = { id: "u1", email: "analyst@demo.bank" };

const contained = (over: Partial<ContainmentView> = {}) =>
  ({
    status: "done",
    steps: [],
    release: null,
    agent: { name: "payment-analyzer-003" },
    ...over,
  }) as unknown as ContainmentView;
const clock = (status: string) =>
  ({ status, contact: { agency: "the Board" } }) as unknown as IncidentDetail["clocks"][number];
const facts = (over: Partial<Facts> = {}): Facts => ({
  status: "open",
  lead: null,
  outcome: null,
  clocks: [],
  containments: [],
  tasksDone: 0,
  tasksTotal: 17,
  ...over,
});
const now = (over: Partial<Facts>) => incidentSteps(facts(over)).find(({ state }) => state === "now");

describe("what to do next in an incident", () => {
  it("exactly one step presses while it is open, none when it is closed", () => {
    for (const outcome of [null, "notifiable", "not-notifiable"] as const)
      for (const lead of [null, person])
        for (const status of ["open", "closed"] as const) {
          const pressing = incidentSteps(facts({ outcome, lead, status })).filter(
            ({ state }) => state === "now",
          );
          expect(pressing.length).toBe(status === "open" ? 1 : 0);
        }
  });

  it("a failed containment step comes before everything else", () => {
    const failed = contained({ status: "partial", steps: [{ step: "tokens", status: "failed" }] as never });
    expect(now({ containments: [failed], outcome: "notifiable", clocks: [clock("running")] })).toMatchObject({
      key: "contain",
      who: "analyst",
    });
  });

  it("the determination comes before the release, and is compliance's", () => {
    expect(now({ containments: [contained()], lead: person })).toMatchObject({
      key: "determine",
      who: "compliance",
    });
  });

  it.each(["running", "overdue"])("a clock that is %s wants its receipt", (status) => {
    expect(now({ lead: person, outcome: "notifiable", clocks: [clock(status)] })).toMatchObject({
      key: "notify",
    });
  });

  it("a receipt, even a late one, ends the notifying", () => {
    for (const status of ["received", "received-late"])
      expect(now({ lead: person, outcome: "notifiable", clocks: [clock(status)] })?.key).toBe("close");
  });

  it("a release that was asked for waits for an approver, and names who asked", () => {
    const asked = contained({ release: { requestedBy: person, reason: "fixed" } });
    const step = now({ lead: person, outcome: "not-notifiable", containments: [asked] });
    expect(step).toMatchObject({ key: "release", who: "approver" });
    expect(step?.todo).toContain("analyst@demo.bank");
  });

  it("an incident without an agent has nothing to contain or release", () => {
    const keys = incidentSteps(facts()).map(({ key }) => key);
    expect(keys).not.toContain("contain");
    expect(keys).not.toContain("release");
  });
});
