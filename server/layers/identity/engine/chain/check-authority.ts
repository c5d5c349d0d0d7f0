import type { Check } from "../../../../kernel/decision.ts";
import type { Path } from "./build-path.ts";
import { checkOf, placed } from "./findings.ts";
import { KEY_USAGE } from "./key-usage.ts";
import { EXTENSION } from "./read-extensions.ts";

/** What makes an issuer one that may sign certificates (RFC 5280 §4.2.1.9, §4.2.1.3, §6.1.4 (k) to (n)). */
export function checkAuthority(path: Path): Check[] {
  return [checkBasicConstraints(path), checkPathLength(path)];
}

/** Issuers are authorities and say so critically; the leaf is none. */
function checkBasicConstraints(path: Path): Check {
  const faults = placed(path).flatMap(({ certificate, role, called }) => {
    const { basicConstraints, keyUsage, critical } = certificate.extensions;
    if (role === "leaf")
      return basicConstraints?.ca ? [`${called} claims to be an authority (CA:TRUE).`] : [];
    if (!basicConstraints?.ca)
      return [
        `${called} is no authority: ${basicConstraints ? "it says CA:FALSE" : "it has no basic constraints"}.`,
      ];
    if (!critical.includes(EXTENSION.basicConstraints))
      return [`${called} does not mark its basic constraints critical.`];
    return ((keyUsage ?? 0) & KEY_USAGE.keyCertSign) === 0
      ? [`${called} may not sign certificates (its key usage lacks keyCertSign).`]
      : [];
  });
  return checkOf(
    "basic-constraints",
    faults,
    "Every issuer is an authority that may sign certificates, and the leaf is none.",
  );
}

/** Authorities between an issuer and the leaf; those that issued to themselves do not count (RFC 5280 §6.1.4 (l)). */
function checkPathLength(path: Path): Check {
  const all = placed(path);
  const faults = all.slice(1).flatMap(({ certificate, called, place }) => {
    const most = certificate.extensions.basicConstraints?.pathLength ?? null;
    const between = all
      .slice(1, place)
      .filter(({ certificate: one }) => !one.issuer.equals(one.subject)).length;
    return most !== null && between > most
      ? [`${called} allows ${most} authorities below it, and there are ${between}.`]
      : [];
  });
  return checkOf("path-length", faults, "No issuer has more authorities below it than it allows.");
}
