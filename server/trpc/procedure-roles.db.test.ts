import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { PERMISSIONS, ROLES, type Role } from "../access/permissions.ts";
import type { Context } from "./context.ts";
import { type Caller, PROCEDURE_CALLERS, type ProcedurePath } from "./procedure-roles.ts";
import { appRouter, createCaller } from "./root.ts";
import { contextAs, createTestConsole, type TestConsole } from "./testing/console.ts";
import { sampleInput } from "./testing/sample-input.ts";

const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { inputs: z.ZodType[] } }>;
const listed: Readonly<Record<string, Caller>> = PROCEDURE_CALLERS;

/** Members that a schema wants and its JSON Schema does not tell of. */
const MORE: Partial<Record<ProcedurePath | (string & {}), Record<string, unknown>>> = {
  "maintenance.plan": {
    agents: ["no-such-agent"],
    causes: ["dataMegabytes"],
    startsAt: new Date(0),
    endsAt: new Date(3_600_000),
  },
  "clocks.preview": { anchors: "determined=2026-03-07T20:00:00Z" },
  "behaviour.parts": { from: new Date(0), to: new Date(3_600_000) },
  "behaviour.series": { from: new Date(0), to: new Date(3_600_000) },
  "duties.report": { from: new Date(0), to: new Date(3_600_000) },
  "facts.state": { claim: "compliance_level", value: { compliance_level: "gold" } },
  "incidents.change": { title: "A title" },
  "incidents.setTask": { done: true },
  "places.add": { country: "DE", prefix: "10.0.0.0/8", latitude: 1, longitude: 1 },
};

let console: TestConsole;
const people = new Map<string, string>();
beforeAll(async () => {
  console = await createTestConsole();
  for (const roles of [...ROLES.map((role) => [role]), [], [...ROLES]])
    people.set(roles.join(), (await console.addUser(roles)).id);
});
afterAll(() => console.close());

/** The stable code of what a call ended with; null where it was answered. */
async function codeOf(path: string, context: Context): Promise<string | null> {
  const call = path
    .split(".")
    .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], createCaller(context));
  const schema = procedures[path]?._def.inputs[0];
  try {
    const sample = sampleInput(schema);
    await (call as (input: unknown) => Promise<unknown>)(
      path in MORE ? { ...(sample as object), ...MORE[path] } : sample,
    );
    return null;
  } catch (error) {
    const { cause, code, message } = error as { cause?: { code?: string }; code: string; message: string };
    return cause?.code ?? (code === "BAD_REQUEST" ? `malformed sample input: ${message}` : code);
  }
}

const as = (roles: readonly Role[], over: { steppedUp?: boolean; apiKey?: boolean } = {}) =>
  contextAs(console.runtime, roles, { id: people.get(roles.join()) ?? "", ...over });
const nobody = (): Context => ({ ...console.runtime, now: new Date(), actor: null, session: null });

it("lists every procedure, and no other", () => {
  expect(Object.keys(procedures).sort()).toEqual(Object.keys(listed).sort());
});

describe.each(Object.entries(listed))("%s", (path, { may, stepUp }) => {
  it("answers those without a session only where it is public", async () => {
    const code = await codeOf(path, nobody());
    if (may === "public") expect(code).not.toBe("not_signed_in");
    else expect(code).toBe("not_signed_in");
  });

  it.each(ROLES)("lets the role %s do what the table says and nothing else", async (role) => {
    const code = await codeOf(path, as([role]));
    expect(code ?? "").not.toMatch(/malformed/);
    expect(code).not.toBe("internal");
    const allowed =
      may === "public" || may === "signed-in" || (PERMISSIONS[may] as readonly string[]).includes(role);
    if (allowed) expect(code).not.toBe("not_permitted");
    else expect(code).toBe("not_permitted");
  });

  it("gives a signed-in person without a role nothing that needs a permission", async () => {
    const code = await codeOf(path, as([]));
    if (may === "public" || may === "signed-in") expect(code).not.toBe("not_permitted");
    else expect(code).toBe("not_permitted");
  });

  it(stepUp ? "wants a second factor, which no API key has" : "needs no second factor", async () => {
    const plain = await codeOf(path, as(ROLES, { steppedUp: false }));
    const key = await codeOf(path, as(ROLES, { apiKey: true }));
    if (stepUp) expect([plain, key]).toEqual(["step_up_required", "step_up_required"]);
    else expect([plain, key]).not.toContain("step_up_required");
  });
});
