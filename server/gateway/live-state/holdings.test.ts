import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createHoldings, isCutOff } from "./holdings.ts";
import type { AgentRow, CredentialRow } from "./store.ts";

const publicJwk = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
const row = (id: string, more: Partial<AgentRow> = {}): AgentRow => ({
  id,
  name: id,
  did: `did:${id}`,
  kind: "agent",
  parentId: null,
  status: "active",
  banned: false,
  zone: "a",
  state: null,
  limitPerMinute: null,
  epoch: null,
  reason: null,
  ...more,
});
const certificate = (
  agentId: string,
  thumbprint: string,
  more: Partial<CredentialRow> = {},
): CredentialRow => ({
  agentId,
  purpose: "transport",
  thumbprint,
  keyId: `key-${thumbprint}`,
  publicJwk,
  status: "active",
  notBefore: new Date(0),
  notAfter: new Date(1),
  ...more,
});

describe("what a gateway holds", () => {
  it("a certificate counts for its own purpose only", () => {
    const held = createHoldings();
    held.replace([row("a")], [certificate("a", "t"), certificate("a", "s", { purpose: "signature" })]);
    expect(held.transportCredential("t")?.agentId).toBe("a");
    expect(held.transportCredential("s")).toBeUndefined();
    expect(held.signatureCredential("key-s")?.agentId).toBe("a");
    expect(held.signatureCredential("key-t")).toBeUndefined();
  });

  it("what is not there any more at a re-read is forgotten, and other agents keep theirs", () => {
    const held = createHoldings();
    held.replace([row("a"), row("b")], [certificate("a", "old"), certificate("b", "other")]);
    const changes = held.replace([row("a", { zone: "z" })], [certificate("a", "new")]);
    expect(held.transportCredential("old")).toBeUndefined();
    expect(held.transportCredential("new")?.agentId).toBe("a");
    expect(held.transportCredential("other")?.agentId).toBe("b");
    expect(changes).toMatchObject([
      { before: { zone: "a" }, after: { zone: "z" }, credentials: [{ thumbprint: "new" }] },
    ]);
  });

  it("a state it does not know is read as the strictest", () => {
    const held = createHoldings();
    held.replace([row("a", { state: "quarantine-2", epoch: 4 })], []);
    expect(held.agent("a")?.isolation.state).toBe("deny_all");
  });
});

describe("restrictions that differ from what is held are found, with no notice", () => {
  const none = { isolated: [], stopped: [], revoked: [] };
  const held = () => {
    const made = createHoldings();
    made.replace(
      [row("free"), row("tight", { state: "deny_all", epoch: 3 }), row("out", { status: "suspended" })],
      [certificate("free", "f")],
    );
    return made;
  };
  const same = {
    ...none,
    isolated: [{ agentId: "tight", epoch: 3 }],
    stopped: [{ agentId: "out", status: "suspended", banned: false }],
  };

  it.each([
    ["nothing, when they agree", same, []],
    [
      "an agent that was isolated",
      { ...same, isolated: [...same.isolated, { agentId: "free", epoch: 1 }] },
      ["free"],
    ],
    ["a newer epoch", { ...same, isolated: [{ agentId: "tight", epoch: 4 }] }, ["tight"]],
    ["a release", { ...same, isolated: [] }, ["tight"]],
    [
      "an agent that was stopped",
      { ...same, stopped: [...same.stopped, { agentId: "free", status: "contained", banned: false }] },
      ["free"],
    ],
    [
      "a ban",
      { ...same, stopped: [...same.stopped, { agentId: "free", status: "active", banned: true }] },
      ["free"],
    ],
    ["a return to service", { ...same, stopped: [] }, ["out"]],
    ["a revoked certificate", { ...same, revoked: [{ agentId: "free", thumbprint: "f" }] }, ["free"]],
  ])("%s", (_, restrictions, agents) => {
    expect([...held().differFrom(restrictions)]).toEqual(agents);
  });
});

it.each([
  [{}, false],
  [{ status: "throttled" }, false],
  [{ state: "limited", epoch: 1 }, false],
  [{ state: "deny_all", epoch: 1 }, true],
  [{ status: "contained" }, true],
  [{ status: "suspended" }, true],
  [{ status: "retired" }, true],
  [{ banned: true }, true],
])("an agent with %j is cut off: %s", (more, expected) => {
  const held = createHoldings();
  const [change] = held.replace([row("a", more)], []);
  expect(change && isCutOff(change.after)).toBe(expected);
});

it("with an agent go the certificates of everybody below it, even of a ring that the database would refuse", () => {
  const held = createHoldings();
  const family = [row("p", { parentId: "g" }), row("c", { parentId: "p" }), row("g", { parentId: "c" })];
  held.replace(
    [...family, row("other")],
    [certificate("p", "tp"), certificate("c", "tc"), certificate("other", "to")],
  );
  const [change] = held.replace([row("p", { parentId: "g", status: "contained" })], [certificate("p", "tp")]);
  expect(change?.below.map((it) => it.thumbprint)).toEqual(["tc"]);
  const [leaf] = held.replace([row("other")], [certificate("other", "to")]);
  expect(leaf?.below).toEqual([]);
});
