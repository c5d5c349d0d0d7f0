import { expect, test } from "vitest";
import { type ConflictFacts, type DecidedRequest, findConflicts } from "./find-conflicts.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const ago = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
const viewer = { id: "v", email: "v@bank.example" };
const asker = { id: "r", email: "r@bank.example" };
const other = { id: "o", email: "o@bank.example" };
const REQUEST = { agentId: "agent-1", scope: "payments:execute", requester: asker };

const decided = (as: Partial<DecidedRequest>): DecidedRequest => ({
  ...{ agentId: "agent-9", scope: "batch:process", status: "approved", requester: asker },
  ...{ deciders: [other], decidedAt: ago(1), reason: "fine" },
  ...as,
});
const found = (facts: Partial<ConflictFacts>) =>
  findConflicts({ viewer, request: REQUEST, owner: other, kinOwners: [], history: [], now: NOW, ...facts });
const ids = (facts: Partial<ConflictFacts>) => found(facts).map(({ id }) => id);
const times = (n: number, as: Partial<DecidedRequest>) => Array.from({ length: n }, () => decided(as));

test("nobody's position is anything to weigh where nothing connects the people", () => {
  expect(found({})).toEqual([]);
});

test("owning a parent or a child of the agent is said, whatever the letters of the address", () => {
  const kinOwners = [{ agent: "parent-1", owner: { id: "v2", email: "V+x@Bank.example" } }];
  expect(found({ kinOwners })).toEqual([
    { id: "own-kin", tone: "warn", detail: "You own parent-1, which is of this agent's family." },
  ]);
});

test("who decides for each other is told so", () => {
  expect(ids({ history: [decided({ requester: viewer, deciders: [other, asker] })] })).toEqual([
    "reciprocal",
  ]);
});

test.each([
  ["they denied it", decided({ requester: viewer, deciders: [asker], status: "denied" })],
  ["somebody else approved it", decided({ requester: viewer, deciders: [other] })],
])("nobody decided for each other where %s", (_, request) => {
  expect(ids({ history: [request] })).toEqual([]);
});

test.each([
  [4, 0, []],
  [5, 0, ["habit"]],
  [4, 1, ["habit"]],
  [3, 2, []],
  [8, 2, ["habit"]],
])(
  "%i approvals of mine and %i of others are a habit from five on and four in five",
  (mine, others, expected) => {
    const history = [...times(mine, { deciders: [viewer] }), ...times(others, {})];
    expect(ids({ history })).toEqual(expected);
  },
);

test("an agent that asks for itself is judged by its own requests", () => {
  const request = { ...REQUEST, requester: null };
  const own = times(5, { agentId: "agent-1", requester: null, deciders: [viewer] });
  expect(ids({ request, history: own })).toEqual(["habit"]);
  expect(ids({ request, history: times(5, { requester: null, deciders: [viewer] }) })).toEqual([]);
});

test("an owner who asks is a note, not a warning", () => {
  expect(found({ owner: asker })).toEqual([
    { id: "owner-asks", tone: "note", detail: "Whoever asks also owns the agent." },
  ]);
});

const DENIED = { agentId: "agent-1", scope: "payments:execute", status: "denied", reason: "no ticket" };

test("a denial of the same within a week is shown with its reason", () => {
  const [statement] = found({ history: [decided({ ...DENIED, decidedAt: ago(7) })] });
  expect(statement).toMatchObject({ id: "denied-before", tone: "warn" });
  expect(statement?.detail).toContain("no ticket");
});

test.each([
  ["longer ago", { decidedAt: ago(7.01) }],
  ["for another agent", { agentId: "agent-2" }],
  ["of another scope", { scope: "batch:process" }],
])("a denial %s is not", (_, as) => {
  expect(ids({ history: [decided({ ...DENIED, ...as })] })).toEqual([]);
});
