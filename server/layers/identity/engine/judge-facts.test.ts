import { describe, expect, it } from "vitest";
import type { Attestation, StatedClaim } from "./judge-facts.ts";
import { judgeAuthority } from "./judge-facts.ts";
import {
  attestation,
  liveCertificates,
  minutes,
  NOW,
  person,
  stated,
  wholeFacts,
  withAttestation,
  withClaim,
} from "./testing/facts-cast.ts";

const byCompliance = (facts = wholeFacts()) => judgeAuthority(facts, "data_access", "compliance");

it("an attestation of the value as it stands, in time, by a second person, counts", () => {
  expect(byCompliance()).toMatchObject({ standing: "attested", expiresAt: minutes(10) });
});

describe("an attestation does not count", () => {
  it.each<[string, Partial<Attestation>, string]>([
    ["whose signature does not bear out its row", { genuine: false }, "invalid"],
    ["at the instant it ends", { expiresAt: NOW }, "expired"],
    ["after it ended", { expiresAt: minutes(-1) }, "expired"],
    ["dated later than now", { attestedAt: minutes(1) }, "void"],
    ["once withdrawn", { withdrawn: { at: NOW, by: "C", reason: "left out a source" } }, "withdrawn"],
    ["by who stated the claim", { attester: person("stater") }, "void"],
    ["by who stated it, in other letters", { attester: { id: "x", email: "Stater+2@Bank.example" } }, "void"],
    ["by an account that cannot be found", { attester: "unknown" }, "void"],
  ])("%s", (_what, over, standing) => {
    const judged = byCompliance(withAttestation("data_access", "compliance", over));
    expect(judged).toMatchObject({ standing, expiresAt: null });
    expect(judged.detail).toMatch(/^[A-Z]/);
  });

  it.each<[string, Partial<StatedClaim>, string]>([
    ["for another value", { digest: `sha256:${"0".repeat(64)}` }, "other-value"],
    ["for a stored value that is not what was stated", { intact: false }, "invalid"],
    ["while the account of who stated it cannot be found", { stater: "unknown" }, "void"],
  ])("%s", (_what, over, standing) => {
    expect(byCompliance(withClaim("data_access", over))).toMatchObject({ standing });
  });

  it("of an owner who does not own the agent any more", () => {
    const facts = wholeFacts({ ownerId: "somebody-else" });
    expect(judgeAuthority(facts, "capabilities", "business-owner").standing).toBe("void");
    expect(judgeAuthority(facts, "capabilities", "security-review").standing).toBe("attested");
  });

  it("for a claim that nobody stated, or an authority that said nothing", () => {
    expect(byCompliance(wholeFacts({ claims: [] })).standing).toBe("missing");
    expect(byCompliance(wholeFacts({ attestations: [] })).standing).toBe("missing");
  });

  it("a millisecond before its end it still does", () => {
    const facts = withAttestation("data_access", "compliance", { expiresAt: new Date(NOW.getTime() + 1) });
    expect(byCompliance(facts).standing).toBe("attested");
  });
});

describe("one person for two authorities", () => {
  const twice = [
    attestation("data_access", "security-review", { attester: person("compliance") }),
    attestation("data_access", "compliance"),
  ];

  it("counts once: what they attested first", () => {
    const facts = wholeFacts({ attestations: twice });
    expect(judgeAuthority(facts, "data_access", "compliance").standing).toBe("attested");
    expect(judgeAuthority(facts, "data_access", "security-review").standing).toBe("void");
  });

  it("may attest another claim for another authority", () => {
    const other = attestation("capabilities", "security-review", { attester: person("compliance") });
    const facts = wholeFacts({ attestations: [other, attestation("data_access", "compliance")] });
    expect(judgeAuthority(facts, "capabilities", "security-review").standing).toBe("attested");
  });

  it("is not put down to somebody by a row that was never signed", () => {
    const forged = attestation("data_access", "compliance", { genuine: false });
    const facts = wholeFacts({ attestations: [twice[0] as Attestation, forged] });
    expect(judgeAuthority(facts, "data_access", "security-review").standing).toBe("attested");
  });
});

describe("of several attestations by one authority", () => {
  const older = attestation("data_access", "compliance", { attestedAt: minutes(-20) });

  it("the newest decides: withdrawing it leaves nothing to fall back on", () => {
    const newer = attestation("data_access", "compliance", {
      withdrawn: { at: NOW, by: "C", reason: "wrong" },
    });
    expect(byCompliance(wholeFacts({ attestations: [newer, older] })).standing).toBe("withdrawn");
  });

  it("the one of the value as it stands is meant, whatever else was attested since", () => {
    const other = attestation("data_access", "compliance", { digest: `sha256:${"1".repeat(64)}` });
    expect(byCompliance(wholeFacts({ attestations: [other, older] })).standing).toBe("attested");
  });
});

describe("the issuing authority", () => {
  const issuing = (over: Parameters<typeof wholeFacts>[0]) =>
    judgeAuthority(wholeFacts(over), "core_identity", "issuing-ca");
  const identity = (
    keys = liveCertificates(),
    agent = { status: "active" as const, banned: false, above: [] },
  ) => ({
    identity: { keys, agent },
  });

  it("vouches until the first of the five purposes runs out", () => {
    const keys = liveCertificates().map((key) =>
      key.purpose === "transport" ? { ...key, notAfter: minutes(5) } : key,
    );
    expect(issuing(identity(keys))).toMatchObject({ standing: "attested", expiresAt: minutes(5) });
  });

  it("takes the longest of two live certificates of a purpose", () => {
    const keys = [...liveCertificates(), ...liveCertificates({ notAfter: minutes(50) })];
    expect(issuing(identity(keys)).expiresAt).toEqual(minutes(50));
  });

  it.each([
    ["one purpose has no certificate", liveCertificates().slice(1), "missing"],
    ["none has", [], "missing"],
    ["they end now", liveCertificates({ notAfter: NOW }), "missing"],
    ["they begin later", liveCertificates({ notBefore: minutes(1) }), "missing"],
    ["no authority signed them", liveCertificates({ genuine: false }), "invalid"],
  ])("does not while %s", (_what, keys, standing) => {
    expect(issuing(identity(keys))).toMatchObject({ standing, expiresAt: null });
  });

  it.each(["contained", "suspended", "retired"] as const)("does not for an agent that is %s", (status) => {
    expect(
      issuing({ identity: { keys: liveCertificates(), agent: { status, banned: false, above: [] } } })
        .standing,
    ).toBe("void");
  });

  it("does not for a banned agent", () => {
    const agent = { status: "active" as const, banned: true, above: [] };
    expect(issuing({ identity: { keys: liveCertificates(), agent } }).standing).toBe("void");
  });
});

it("a claim by Vigil itself may be attested by anybody entitled", () => {
  const facts = withClaim("data_access", { stater: "vigil" });
  expect(byCompliance(facts).standing).toBe("attested");
  expect(stated("core_identity").stater).toBe("vigil");
});
