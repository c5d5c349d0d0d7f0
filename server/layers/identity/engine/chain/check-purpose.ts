import type { Check } from "../../../../kernel/decision.ts";
import type { Purpose } from "../../schema.ts";
import { PROFILES } from "../profiles.ts";
import type { Path } from "./build-path.ts";
import { checkOf, placed } from "./findings.ts";
import { ANY_USAGE, extendedUsageName, KEY_USAGE, keyUsageNames } from "./key-usage.ts";
import { EXTENSION } from "./read-extensions.ts";

/** Whether the leaf is for this purpose and no other, and its issuers may certify for it. */
export function checkPurpose(path: Path, purpose: Purpose): Check[] {
  return [checkKeyUsage(path, purpose), checkExtendedKeyUsage(path, purpose)];
}

/** RFC 5280 §4.2.1.3, SPIFFE X.509-SVID §4.3: critical, what the profile says, and never an authority's. */
function checkKeyUsage(path: Path, purpose: Purpose): Check {
  const { keyUsage, critical } = path.certificates[0].extensions;
  const wanted = PROFILES[purpose].keyUsage;
  const said = keyUsageNames(wanted).join(", ");
  const faults: string[] = [];
  if (keyUsage === null) faults.push("The leaf does not say what its key is for (key usage).");
  else {
    if (!critical.includes(EXTENSION.keyUsage)) faults.push("The leaf does not mark its key usage critical.");
    if (keyUsage !== wanted)
      faults.push(
        `A ${purpose} key is for ${said}; the leaf's is for ${keyUsageNames(keyUsage).join(", ") || "nothing"}.`,
      );
    if (keyUsage & (KEY_USAGE.keyCertSign | KEY_USAGE.cRLSign))
      faults.push("No leaf may sign certificates or revocation lists.");
  }
  return checkOf("key-usage", faults, `The leaf's key is for ${said}.`);
}

/** RFC 5280 §4.2.1.12; an issuer that states usages certifies for no others, as TLS libraries hold it. */
function checkExtendedKeyUsage(path: Path, purpose: Purpose): Check {
  const wanted = PROFILES[purpose].extendedKeyUsage;
  const named = (oids: readonly string[]) => oids.map(extendedUsageName).join(", ");
  const faults = placed(path).flatMap(({ certificate, role, called }) => {
    const held = certificate.extensions.extendedKeyUsage;
    if (role === "leaf") {
      const same =
        held !== null && new Set(held).size === wanted.length && wanted.every((oid) => held.includes(oid));
      return same
        ? []
        : [
            `A ${purpose} certificate is for ${named(wanted)}; the leaf is for ${held ? named(held) : "nothing stated"}.`,
          ];
    }
    const missing = wanted.filter((oid) => held !== null && !held.includes(oid) && !held.includes(ANY_USAGE));
    return missing.length > 0 ? [`${called} may not certify for ${named(missing)}.`] : [];
  });
  return checkOf("extended-key-usage", faults, `Leaf and issuers are for ${named(wanted)}.`);
}
