import type { Check } from "../../../../kernel/decision.ts";
import { judgeKey, signatureHolds, signatureName } from "./algorithms.ts";
import type { Path } from "./build-path.ts";
import { checkOf, placed } from "./findings.ts";
import { plain } from "./general-names.ts";
import type { Certificate } from "./read-certificate.ts";
import { EXTENSION } from "./read-extensions.ts";

const SERIAL_OCTETS_MAX = 20;

/** What ties the certificates of a path to each other, and what each must be by itself (RFC 5280 §4.1, §4.2, §6.1.3). */
export function checkPath(path: Path, now: Date): Check[] {
  return [
    checkAnchored(path),
    checkSignatures(path),
    checkNames(path),
    checkKeyIds(path),
    checkValidity(path, now),
    checkNesting(path),
    checkVersion(path),
    checkSerial(path),
    checkAlgorithm(path),
    checkKeys(path),
    checkCritical(path),
  ];
}

/** Every fault of every certificate, each said by the rule. */
function each(path: Path, rule: (certificate: Certificate, called: string) => string | null): string[] {
  return placed(path).flatMap(({ certificate, called }) => rule(certificate, called) ?? []);
}

/** Every fault of a certificate with its issuer. */
function eachPair(
  path: Path,
  rule: (child: Certificate, issuer: Certificate, called: string) => string | null,
): string[] {
  const all = placed(path);
  return all.slice(0, -1).flatMap(({ certificate, called, place }) => {
    const issuer = all[place + 1];
    return (issuer && rule(certificate, issuer.certificate, called)) ?? [];
  });
}

function checkAnchored(path: Path): Check {
  const top = placed(path).at(-1);
  return checkOf(
    "chain",
    path.anchored
      ? []
      : [
          `${top?.called} was issued by “${plain(top?.certificate.issuerText ?? "", 80)}”, which leads to no trust anchor.`,
        ],
    `The chain of ${path.certificates.length} certificates ends at a trust anchor.`,
  );
}

/** RFC 5280 §6.1.3 (a)(1). The anchor is trusted as it is. */
function checkSignatures(path: Path): Check {
  const faults = eachPair(path, (child, issuer, called) =>
    signatureHolds(child, issuer.key) ? null : `${called} is not signed by its issuer's key.`,
  );
  const alone = path.anchored ? faults : [...faults, ...unsignedTop(path)];
  return checkOf("signatures", alone, "Every certificate is signed by its issuer's key.");
}

/** Without an anchor, nobody vouches for the last one. */
function unsignedTop(path: Path): string[] {
  const called = placed(path).at(-1)?.called;
  return [`Nobody that is trusted signed it: ${called} stands alone.`];
}

/** RFC 5280 §6.1.3 (a)(4); §4.1.2.4: an issuer has a name. */
function checkNames(path: Path): Check {
  const empty = each(path, (one, called) => (one.issuerText === "" ? `${called} names no issuer.` : null));
  const apart = eachPair(path, (child, issuer, called) =>
    child.issuer.equals(issuer.subject) ? null : `${called} names another issuer.`,
  );
  return checkOf("names", [...empty, ...apart], "Every issuer's name is the one its certificates give.");
}

/** RFC 5280 §4.2.1.1, §4.2.1.2: authorities have a key id, what they sign names it, and neither is critical. */
function checkKeyIds(path: Path): Check {
  const faults = eachPair(path, (child, issuer, called) => {
    const [wanted, held] = [child.extensions.authorityKeyId, issuer.extensions.subjectKeyId];
    if (wanted === null) return `${called} does not name its issuer's key (authority key id).`;
    if (held === null) return `The issuer of ${called.replace("The", "the")} has no subject key id.`;
    return wanted === held
      ? null
      : `${called} names the issuer's key ${wanted}, and the issuer's is ${held}.`;
  });
  const critical = each(path, (one, called) =>
    [EXTENSION.authorityKeyId, EXTENSION.subjectKeyId].some((oid) => one.extensions.critical.includes(oid))
      ? `${called} marks a key id as critical.`
      : null,
  );
  return checkOf(
    "key-ids",
    [...faults, ...critical],
    "Authority and subject key ids match all along the chain.",
  );
}

/** RFC 5280 §6.1.3 (a)(2), for the anchor too. */
function checkValidity(path: Path, now: Date): Check {
  const faults = each(path, ({ notBefore, notAfter }, called) => {
    if (notAfter < notBefore) return `${called} ends before it begins.`;
    if (now < notBefore) return `${called} is not valid before ${notBefore.toISOString()}.`;
    return now > notAfter ? `${called} expired at ${notAfter.toISOString()}.` : null;
  });
  return checkOf("validity", faults, "Every certificate is valid now.");
}

/** A leaf never outlives what vouches for it (the credential profile; RFC 5280 leaves it to the verifier). */
function checkNesting(path: Path): Check {
  const faults = eachPair(path, (child, issuer, called) =>
    child.notAfter > issuer.notAfter
      ? `${called} is to outlive its issuer, which ends at ${issuer.notAfter.toISOString()}.`
      : null,
  );
  return checkOf("within-issuer", faults, "No certificate outlives its issuer.");
}

function checkVersion(path: Path): Check {
  const faults = each(path, ({ version }, called) =>
    version === 3 ? null : `${called} is version ${version}, not 3.`,
  );
  return checkOf("version", faults, "Every certificate is version 3.");
}

/** RFC 5280 §4.1.2.2. */
function checkSerial(path: Path): Check {
  const faults = each(path, ({ serial }, called) => {
    if (serial.readUInt8(0) > 0x7f) return `${called} has a negative serial.`;
    if (serial.every((octet) => octet === 0)) return `${called} has the serial 0.`;
    return serial.length > SERIAL_OCTETS_MAX
      ? `${called} has a serial of ${serial.length} octets; at most ${SERIAL_OCTETS_MAX} are allowed.`
      : null;
  });
  return checkOf("serial", faults, `Every serial is positive and has at most ${SERIAL_OCTETS_MAX} octets.`);
}

/** RFC 5280 §4.1.1.2: named the same inside and outside of what is signed. */
function checkAlgorithm(path: Path): Check {
  const faults = each(path, ({ algorithm, algorithmsAgree }, called) => {
    if (!algorithmsAgree) return `${called} names two signature algorithms.`;
    return signatureName(algorithm) ? null : `${called} is signed with ${algorithm}, which does not count.`;
  });
  const used = [...new Set(path.certificates.map(({ algorithm }) => signatureName(algorithm)))];
  return checkOf("signature-algorithm", faults, `Signed with ${used.join(" and ")}.`);
}

function checkKeys(path: Path): Check {
  const faults = each(path, ({ key }, called) => {
    const { name, strong } = judgeKey(key);
    return strong ? null : `${called} has a key that does not count: ${name}.`;
  });
  const used = [...new Set(path.certificates.map(({ key }) => judgeKey(key).name))];
  return checkOf("key-strength", faults, `The keys are ${used.join(" and ")}.`);
}

/** RFC 5280 §4.2, §6.1.4 (o): what is critical and not understood refuses, and no extension stands twice. */
function checkCritical(path: Path): Check {
  const faults = each(path, ({ extensions: { unknownCritical, repeated } }, called) => {
    if (unknownCritical.length > 0)
      return `${called} has critical extensions that are not understood: ${unknownCritical.join(", ")}.`;
    return repeated.length > 0 ? `${called} has an extension more than once: ${repeated.join(", ")}.` : null;
  });
  return checkOf(
    "critical-extensions",
    faults,
    "Every critical extension is understood, and none stands twice.",
  );
}
