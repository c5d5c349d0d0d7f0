import { describe, expect, test } from "vitest";
import { AGENT, factsOf, issuer, leaf, root, transportLeaf, under } from "../../testing/chain-world.ts";
import { ext, type Forged, forgeAuthority, keyIdOf, newKey } from "../../testing/forge.ts";
import { hasOpenssl, opensslVerdict } from "../../testing/openssl.ts";
import { PROFILES } from "../profiles.ts";
import { buildPath } from "./build-path.ts";
import { type Certificate, readCertificate } from "./read-certificate.ts";
import { validateChain } from "./validate-chain.ts";

const usages = [...PROFILES.transport.extendedKeyUsage];
const read = ({ der }: Forged): Certificate => {
  const certificate = readCertificate(der);
  if (typeof certificate === "string") throw new Error(certificate);
  return certificate;
};
const subjects = (from: Forged, intermediates: Forged[], anchors: Forged[]) => {
  const path = buildPath(read(from), intermediates.map(read), anchors.map(read));
  return { names: path.certificates.map(({ subjectText }) => subjectText), anchored: path.anchored };
};

describe("a path", () => {
  test("goes from the leaf to an anchor, whatever the order of what was sent along", () => {
    const stranger = forgeAuthority(null, { subject: "Stranger" });
    expect(subjects(leaf, [stranger, issuer, root], [stranger, root])).toEqual({
      names: ["CN=agent one", "CN=Test transport authority", "CN=Test root"],
      anchored: true,
    });
  });

  test("may end at an authority that is trusted by itself", () => {
    expect(subjects(leaf, [], [issuer])).toMatchObject({ anchored: true });
    expect(subjects(leaf, [issuer], [issuer, root]).names).toHaveLength(2);
  });

  test("finds, of two authorities with one name, the one that signed", () => {
    const twin = forgeAuthority(root, { subject: "Test transport authority", pathLength: 0, usages });
    const mine = transportLeaf(twin);
    const facts = factsOf({ ...under(mine, [twin, root]), intermediates: [issuer.der, twin.der] });
    expect(validateChain(facts).outcome).toBe("allow");
  });

  test("finds it also where the leaf names the other one's key, and says so", () => {
    const twin = forgeAuthority(root, { subject: "Test transport authority", pathLength: 0, usages });
    const mine = transportLeaf(twin, { more: [ext.authorityKeyId(keyIdOf(issuer.key))] });
    const facts = factsOf({ ...under(mine, [twin, root]), intermediates: [issuer.der, twin.der] });
    const { checks } = validateChain(facts);
    expect(checks.filter((check) => !check.passed).map(({ id }) => id)).toEqual(["key-ids"]);
  });

  test("is not led astray by authorities that vouch for each other", () => {
    const [one, two] = [newKey(), newKey()];
    const a = forgeAuthority({ der: Buffer.alloc(0), key: two, subject: "B" }, { subject: "A", key: one });
    const b = forgeAuthority({ der: Buffer.alloc(0), key: one, subject: "A" }, { subject: "B", key: two });
    expect(subjects(transportLeaf(a), [a, b], [root])).toMatchObject({ anchored: false });
  });

  test("is told as far as it goes where nothing is trusted", () => {
    expect(subjects(leaf, [issuer], [])).toEqual({
      names: ["CN=agent one", "CN=Test transport authority"],
      anchored: false,
    });
  });

  test("is not made of a leaf that is an anchor itself", () => {
    const facts = factsOf({
      leaf: root.der,
      intermediates: [],
      expected: { purpose: "transport", agent: AGENT },
    });
    expect(validateChain(facts).checks.find(({ id }) => id === "chain")).toMatchObject({ passed: false });
  });

  test("of more than eight certificates is not followed", () => {
    let top = forgeAuthority(null, { subject: "Top" });
    const anchor = top;
    const between: Forged[] = [];
    for (let depth = 0; depth < 8; depth++) {
      top = forgeAuthority(top, { subject: `Level ${depth}` });
      between.push(top);
    }
    expect(subjects(transportLeaf(top), between, [anchor])).toMatchObject({ anchored: false });
  });
});

test.skipIf(!hasOpenssl())(
  "a cross-signed authority leads to either root; OpenSSL, which never goes back, needs the right one first",
  () => {
    const other = forgeAuthority(null, { subject: "Other root", pathLength: 1 });
    const crossed = forgeAuthority(other, {
      subject: issuer.subject,
      key: issuer.key,
      pathLength: 0,
      usages,
    });
    const both = [issuer.der, crossed.der];
    for (const [anchor, right] of [
      [root, issuer],
      [other, crossed],
    ] as const) {
      const facts = factsOf({ ...under(leaf, [right, anchor]), intermediates: both });
      expect(validateChain(facts).outcome).toBe("allow");
      const intermediates = [right.der];
      expect(
        opensslVerdict({ ...facts, intermediates, purposes: ["sslclient"], at: facts.now }),
      ).toMatchObject({
        ok: true,
      });
    }
  },
);

test("an authority that issued itself a new key does not count in the path length", () => {
  const first = forgeAuthority(root, { subject: "Rolling authority", pathLength: 0, usages });
  const rolled = forgeAuthority(first, { subject: "Rolling authority", usages, pathLength: 0 });
  const mine = transportLeaf(rolled);
  const facts = factsOf(under(mine, [rolled, first, root]));
  expect(validateChain(facts).checks.find(({ id }) => id === "path-length")).toMatchObject({ passed: true });
  if (hasOpenssl())
    expect(opensslVerdict({ ...facts, purposes: ["sslclient"], at: facts.now })).toMatchObject({ ok: true });
});
