import { expect, test } from "vitest";
import { DEFAULT_POLICY } from "../default-policy.ts";
import { readDocument } from "./read-document.ts";

const before = {
  ...DEFAULT_POLICY,
  clientAuth: undefined,
  approverGroups: undefined,
  breakGlass: undefined,
  scopes: DEFAULT_POLICY.scopes.map(({ steps, amounts: _, ...rule }) => ({
    ...rule,
    votesNeeded: Math.max(steps.length, 1),
  })),
};

test("a policy written when rules named a number of people still means what it meant", () => {
  expect(readDocument(before)).toEqual(DEFAULT_POLICY);
});

test("two people of an old rule are two approvers, whoever they are", () => {
  const [, , , modify] = before.scopes;
  const { scopes } = readDocument({ ...before, scopes: [{ ...modify, votesNeeded: 2 }] });
  expect(scopes[0]?.steps).toEqual([{ title: "Approval", needs: [{ from: "approvers", votes: 2 }] }]);
});

test("an old policy names nobody who may break glass", () => {
  expect(readDocument(before).breakGlass.people).toEqual([]);
});

test("a policy in today's form is read as it stands", () => {
  expect(readDocument(DEFAULT_POLICY)).toEqual(DEFAULT_POLICY);
});

test.each([
  ["no scopes", { ...DEFAULT_POLICY, scopes: undefined }],
  ["a scope that stands twice", { ...DEFAULT_POLICY, scopes: [before.scopes[0], before.scopes[0]] }],
  [
    "a group that nobody defined",
    {
      ...DEFAULT_POLICY,
      scopes: DEFAULT_POLICY.scopes.map((rule) =>
        rule.steps.length
          ? { ...rule, steps: [{ title: "T", needs: [{ from: "treasury", votes: 1 }] }] }
          : rule,
      ),
    },
  ],
  [
    "an elevated scope that nobody approves",
    { ...DEFAULT_POLICY, scopes: DEFAULT_POLICY.scopes.map((rule) => ({ ...rule, steps: [] })) },
  ],
  [
    "a group that takes the name of all approvers",
    { ...DEFAULT_POLICY, approverGroups: [{ name: "approvers", title: "Us", members: ["u1"] }] },
  ],
])("%s is no policy", (_, document) => {
  expect(() => readDocument(document)).toThrow();
});
