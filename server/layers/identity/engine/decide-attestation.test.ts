import { describe, expect, it } from "vitest";
import type { PersonAuthority } from "../facts-schema.ts";
import {
  type AttestationRequest,
  type Attester,
  decideAttestation,
  mayAttest,
  mayWithdraw,
} from "./decide-attestation.ts";
import { LIFE_DAYS_MAX } from "./facts-policy.ts";
import { person, stated } from "./testing/facts-cast.ts";

const ATTESTER: Attester = {
  ...person("c"),
  ...{ disabled: false, inPerson: true, speaksFor: { compliance: true, "security-review": false } },
};
const REQUEST: AttestationRequest = {
  ...{ attester: ATTESTER, claim: "data_access", authority: "compliance", stated: stated("data_access") },
  ...{ owner: person("o"), agent: { status: "active", banned: false }, before: [] },
};
const WISH = { digest: stated("data_access").digest, days: 30 };

function failing(over: Partial<AttestationRequest>, wish: Partial<typeof WISH> = {}): string[] {
  const decision = decideAttestation({ ...REQUEST, ...over }, { ...WISH, ...wish });
  const failed = decision.checks.filter((check) => !check.passed).map((check) => check.id);
  expect(decision.outcome).toBe(failed.length === 0 ? "allow" : "deny");
  return failed;
}
const attester = (over: Partial<Attester>) => ({ attester: { ...ATTESTER, ...over } });
const earlier = (authority: PersonAuthority, who: AttestationRequest["before"][number]["attester"]) => ({
  before: [{ authority, attester: who }],
});
const asOwner = (over: Partial<AttestationRequest> = {}): Partial<AttestationRequest> => ({
  ...{ authority: "business-owner", attester: { ...ATTESTER, ...person("o") } },
  ...over,
});

it("compliance attests what somebody else stated, as it stands", () => expect(failing({})).toEqual([]));
it("the owner attests as the owner, whatever their role", () =>
  expect(failing(asOwner(attesterWithoutRoles()))).toEqual([]));
it("the same authority may attest again, before it runs out", () =>
  expect(failing(earlier("compliance", ATTESTER))).toEqual([]));
it("what Vigil stated may be attested by anybody entitled", () =>
  expect(failing({ stated: stated("data_access", { stater: "vigil" }) })).toEqual([]));

function attesterWithoutRoles(): Partial<AttestationRequest> {
  const speaksFor = { compliance: false, "security-review": false };
  return { attester: { ...ATTESTER, ...person("o"), speaksFor } };
}

describe("an attestation is refused", () => {
  const inOtherLetters = { id: "x", email: "C+lunch@Bank.example" };
  it.each<[string, Partial<AttestationRequest>, Partial<typeof WISH>, string]>([
    ["of an API key", attester({ inPerson: false }), {}, "in-person"],
    ["of a disabled person", attester({ disabled: true }), {}, "may-speak"],
    [
      "without the role now",
      attester({ speaksFor: { compliance: false, "security-review": true } }),
      {},
      "may-speak",
    ],
    ["as security review by compliance", { authority: "security-review" }, {}, "may-speak"],
    ["as owner by another", { authority: "business-owner" }, {}, "may-speak"],
    ["as owner of an agent without one", asOwner({ owner: null }), {}, "may-speak"],
    ["as owner whose account is not found", asOwner({ owner: "unknown" }), {}, "may-speak"],
    ["of nothing stated", { stated: null }, { digest: WISH.digest }, "stated"],
    ["of an altered row", { stated: stated("data_access", { intact: false }) }, {}, "intact"],
    ["of one's own claim", { stated: stated("data_access", { stater: ATTESTER }) }, {}, "not-own-claim"],
    [
      "of one's other account's",
      { stated: stated("data_access", { stater: inOtherLetters }) },
      {},
      "not-own-claim",
    ],
    [
      "while who stated it is unknown",
      { stated: stated("data_access", { stater: "unknown" }) },
      {},
      "not-own-claim",
    ],
    ["by one who was the owner", earlier("business-owner", ATTESTER), {}, "one-authority"],
    ["by their other account", earlier("security-review", inOtherLetters), {}, "one-authority"],
    ["while who attested before is unknown", earlier("security-review", "unknown"), {}, "one-authority"],
    ["of a banned agent", { agent: { status: "active", banned: true } }, {}, "agent-in-use"],
    ["of a retired agent", { agent: { status: "retired", banned: false } }, {}, "agent-in-use"],
    ["of another value", {}, { digest: `sha256:${"0".repeat(64)}` }, "same-value"],
    ["for longer than it may live", {}, { days: LIFE_DAYS_MAX.compliance + 1 }, "not-longer"],
    ["for no time", {}, { days: 0 }, "not-longer"],
  ])("%s", (_what, over, wish, check) => expect(failing(over, wish)).toContain(check));

  it("where the policy asks this authority nothing", () => {
    const claim = "owner" as const;
    const over = { claim, stated: stated(claim) };
    expect(failing(over, { digest: stated(claim).digest })).toEqual(["authority-asked"]);
  });

  it("each refusal is one check and no other fails with it", () => {
    expect(failing(attester({ inPerson: false }))).toEqual(["in-person"]);
    expect(failing(earlier("business-owner", ATTESTER))).toEqual(["one-authority"]);
    expect(failing({}, { days: 181 })).toEqual(["not-longer"]);
  });
});

it("the viewer is told each check, passed or not, in a whole sentence", () => {
  const { outcome, checks } = mayAttest({ ...REQUEST, ...attester({ inPerson: false }) });
  expect(outcome).toBe("deny");
  expect(checks.length).toBeGreaterThan(6);
  for (const check of checks) expect(check.detail).toMatch(/^[A-Z].*\.$/);
});

describe("an attestation is withdrawn by", () => {
  const may = (over: Partial<Parameters<typeof mayWithdraw>[0]>) =>
    mayWithdraw({
      ...{ attester: ATTESTER, authority: "compliance", givenBy: person("other"), owner: person("o") },
      ...over,
    }).outcome;
  const none = { ...ATTESTER, speaksFor: { compliance: false, "security-review": false } };

  it("who gave it, and whoever speaks for the same authority now", () => {
    expect(may({})).toBe("allow");
    expect(may({ attester: none, givenBy: person("c") })).toBe("allow");
    expect(may({ attester: { ...none, ...person("o") }, authority: "business-owner" })).toBe("allow");
  });

  it("nobody else, no API key and no disabled account", () => {
    expect(may({ attester: none })).toBe("deny");
    expect(may({ authority: "security-review" })).toBe("deny");
    expect(may({ authority: "business-owner" })).toBe("deny");
    expect(may({ attester: { ...ATTESTER, inPerson: false } })).toBe("deny");
    expect(may({ attester: { ...ATTESTER, disabled: true }, givenBy: person("c") })).toBe("deny");
    expect(may({ attester: none, givenBy: "unknown" })).toBe("deny");
  });
});
