import { describe, expect, test } from "vitest";
import { factsOf, issuer, issuerList, leaf, rootList } from "../../testing/chain-world.ts";
import { serialOf } from "../../testing/fault.ts";
import { days, forgeCrl, NOW, newKey } from "../../testing/forge.ts";
import { tlv } from "../../testing/write-der.ts";
import { readCrl } from "./read-crl.ts";
import { validateChain } from "./validate-chain.ts";

const failed = (...crls: Buffer[]) =>
  validateChain(factsOf({ crls })).checks.flatMap((check) => (check.passed ? [] : [check.id]));
const detail = (id: string, ...crls: Buffer[]) =>
  validateChain(factsOf({ crls })).checks.find((check) => check.id === id)?.detail ?? "";
const revoking = (more: Parameters<typeof forgeCrl>[1] = {}) =>
  forgeCrl(issuer, { revoked: [serialOf(leaf)], ...more });

describe("of several lists of one issuer", () => {
  test("the newest counts, in whichever order they come", () => {
    const newer = revoking({ thisUpdate: days(-0.1) });
    expect(failed(rootList, issuerList, newer)).toEqual(["not-revoked"]);
    expect(failed(newer, issuerList, rootList)).toEqual(["not-revoked"]);
  });

  test("one that the issuer did not sign neither revokes nor hides a revocation", () => {
    const forged = { signer: newKey(), thisUpdate: days(-0.01) };
    expect(failed(rootList, issuerList, revoking(forged))).toEqual([]);
    expect(failed(rootList, revoking(), forgeCrl(issuer, forged))).toEqual(["not-revoked"]);
  });

  test("an old one that is still at hand does no harm beside the new one", () => {
    const old = forgeCrl(issuer, { thisUpdate: days(-3), nextUpdate: days(-1) });
    expect(failed(rootList, old, issuerList)).toEqual([]);
  });
});

test("a list of another authority with other name says nothing of these certificates", () => {
  const stranger = forgeCrl({ ...issuer, subject: "Stranger" }, { revoked: [serialOf(leaf)] });
  expect(failed(rootList, issuerList, stranger)).toEqual([]);
});

test("a list counts up to the instant of its next one and not at it", () => {
  const nextUpdate = new Date(NOW.getTime() + 1_000);
  const at = (ms: number) =>
    validateChain(
      factsOf({ crls: [rootList, forgeCrl(issuer, { nextUpdate })], now: new Date(NOW.getTime() + ms) }),
    ).outcome;
  expect([at(0), at(999), at(1_000), at(2_000)]).toEqual(["allow", "allow", "deny", "deny"]);
});

test("a list that is dated a little ahead counts, because clocks differ", () => {
  const ahead = (minutes: number) =>
    failed(rootList, forgeCrl(issuer, { thisUpdate: new Date(NOW.getTime() + minutes * 60_000) }));
  expect(ahead(4)).toEqual([]);
  expect(ahead(6)).toEqual(["crl-fresh"]);
});

test("a certificate counts from its first second to its last", () => {
  const at = (now: Date) =>
    validateChain(factsOf({ now })).checks.find(({ id }) => id === "validity")?.passed;
  const [first, last] = [days(-1), days(1)];
  expect([
    at(new Date(first.getTime() - 1_000)),
    at(first),
    at(last),
    at(new Date(last.getTime() + 1_000)),
  ]).toEqual([false, true, true, false]);
});

test("the reasons say whose list it is and since when", () => {
  expect(detail("crl-present", rootList)).toContain(
    "There is no revocation list of “CN=Test transport authority”",
  );
  expect(detail("not-revoked", rootList, revoking())).toContain(`was revoked at ${days(-0.5).toISOString()}`);
  expect(detail("crl-signed", rootList, forgeCrl(issuer, { signer: newKey() }))).toContain(
    "not signed by its key",
  );
  expect(
    detail("crl-fresh", rootList, forgeCrl(issuer, { nextUpdate: days(-1), thisUpdate: days(-2) })),
  ).toContain("is stale");
});

const reason = (value: Buffer) => ({ entry: [{ oid: "2.5.29.21", value }] });

test("an entry's reason is told, and one that is none makes the list unreadable", () => {
  expect(detail("not-revoked", rootList, revoking())).toContain("unspecified");
  expect(detail("not-revoked", rootList, revoking(reason(tlv(0x0a, Buffer.from([1])))))).toContain(
    "keyCompromise",
  );
  expect(detail("not-revoked", rootList, revoking(reason(tlv(0x0a, Buffer.from([99])))))).toContain("(99)");
  expect(readCrl(revoking(reason(tlv(0x02, Buffer.from([1])))))).toBeTypeOf("string");
  expect(failed(rootList, revoking(reason(tlv(0x02, Buffer.from([1])))))).toContain("crl-present");
});

test("an entry with a critical extension that is not understood spoils the list", () => {
  const indirect = { entry: [{ oid: "2.5.29.29", critical: true, value: tlv(0x30) }] };
  expect(failed(rootList, revoking(indirect))).toEqual(["crl-signed", "not-revoked"]);
});
