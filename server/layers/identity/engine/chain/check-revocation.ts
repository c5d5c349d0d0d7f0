import type { Check } from "../../../../kernel/decision.ts";
import { signatureHolds, signatureName } from "./algorithms.ts";
import type { Path } from "./build-path.ts";
import { checkOf, type Placed, placed } from "./findings.ts";
import { plain } from "./general-names.ts";
import { KEY_USAGE } from "./key-usage.ts";
import type { Certificate } from "./read-certificate.ts";
import type { Crl } from "./read-crl.ts";

/** Clocks differ: a list may be dated this far ahead. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** The list that answers for one certificate of the path; null where there is none. */
type Answering = Placed & { issuer: Certificate; list: Crl | null };

/**
 * Revocation of everything below the anchor (RFC 5280 §6.3): for each certificate its issuer's list is there, counts
 * now, is signed by the issuer, and does not name it. What cannot be told is a fault: no list, no trust.
 */
export function checkRevocation(path: Path, lists: readonly Crl[], now: Date): Check[] {
  const all = placed(path);
  const answering = all.slice(0, -1).map((child): Answering => {
    const issuer = all[child.place + 1]?.certificate ?? child.certificate;
    return { ...child, issuer, list: listOf(issuer, lists) };
  });
  const alone = path.anchored ? [] : ["Without a chain to an anchor, nobody can say what was revoked."];
  const each = (rule: (one: Answering & { list: Crl }) => string | null) =>
    answering.flatMap((one) => (one.list ? (rule({ ...one, list: one.list }) ?? []) : missing(one)));
  return [
    checkOf(
      "crl-present",
      [...alone, ...answering.flatMap((one) => (one.list ? [] : missing(one)))],
      "Every issuer's revocation list is at hand.",
    ),
    checkOf(
      "crl-fresh",
      [...alone, ...each(({ list }) => staleness(list, now))],
      "Every revocation list counts now.",
    ),
    checkOf(
      "crl-signed",
      [...alone, ...each(({ list, issuer }) => signatureFault(list, issuer))],
      "Every revocation list is signed by the issuer it speaks for.",
    ),
    checkOf("not-revoked", [...alone, ...each(revocation)], "No certificate of the chain is revoked."),
  ];
}

function missing({ certificate }: Answering): string[] {
  return [`There is no revocation list of “${plain(certificate.issuerText, 80)}”.`];
}

/** Of lists in the issuer's name the one that its key signed, and of those the newest. */
function listOf(issuer: Certificate, lists: readonly Crl[]): Crl | null {
  const named = lists.filter((list) => list.issuer.equals(issuer.subject));
  const signed = named.filter((list) => signatureHolds(list, issuer.key));
  const [newest] = (signed.length > 0 ? signed : named).toSorted(
    (one, other) => other.thisUpdate.getTime() - one.thisUpdate.getTime(),
  );
  return newest ?? null;
}

function staleness({ issuerText, thisUpdate, nextUpdate }: Crl, now: Date): string | null {
  const called = `The revocation list of “${plain(issuerText, 80)}”`;
  if (nextUpdate === null) return `${called} does not say when the next one comes.`;
  if (nextUpdate <= now) return `${called} is stale: the next one was due at ${nextUpdate.toISOString()}.`;
  return thisUpdate.getTime() > now.getTime() + CLOCK_SKEW_MS
    ? `${called} is dated in the future: ${thisUpdate.toISOString()}.`
    : null;
}

function signatureFault(list: Crl, issuer: Certificate): string | null {
  const called = `The revocation list of “${plain(list.issuerText, 80)}”`;
  if (((issuer.extensions.keyUsage ?? 0) & KEY_USAGE.cRLSign) === 0)
    return `${called} is from an issuer that may not sign lists (its key usage lacks cRLSign).`;
  if (!list.algorithmsAgree || signatureName(list.algorithm) === null)
    return `${called} is signed with an algorithm that does not count.`;
  if (!signatureHolds(list, issuer.key)) return `${called} is not signed by its key.`;
  if (list.authorityKeyId !== null && list.authorityKeyId !== issuer.extensions.subjectKeyId)
    return `${called} names another key of its issuer.`;
  if (list.version !== 2) return `${called} is version ${list.version}, not 2.`;
  return list.unknownCritical.length > 0
    ? `${called} has critical extensions that are not understood: ${list.unknownCritical.join(", ")}.`
    : null;
}

function revocation({ certificate, called, list }: Answering & { list: Crl }): string | null {
  const entry = list.revoked.get(certificate.serial.toString("hex"));
  return entry ? `${called} was revoked at ${entry.at.toISOString()}: ${entry.reason}.` : null;
}
