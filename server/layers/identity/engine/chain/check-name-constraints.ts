import type { Check } from "../../../../kernel/decision.ts";
import type { Path } from "./build-path.ts";
import { checkOf, placed } from "./findings.ts";
import { type GeneralName, plain } from "./general-names.ts";

/**
 * Names of all that is below an issuer stay within what it permits and outside what it excludes (RFC 5280 §4.2.1.10,
 * §6.1.3 (b) and (c)). URI and DNS constraints are understood; one of another kind refuses everything below it.
 */
export function checkNameConstraints(path: Path): Check {
  const all = placed(path);
  const faults = all.flatMap(({ certificate, called, place }) => {
    const limits = certificate.extensions.nameConstraints;
    if (!limits || place === 0) return [];
    const strange = [...limits.permitted, ...limits.excluded].find(
      (base) => base.type !== "url" && base.type !== "dns",
    );
    if (strange) return [`${called} constrains names of a kind that is not understood (${strange.type}).`];
    return all
      .slice(0, place)
      .filter(({ certificate: one, role }) => role === "leaf" || !one.issuer.equals(one.subject))
      .flatMap((below) =>
        (below.certificate.extensions.names ?? [])
          .filter((name) => !isWithin(name, limits))
          .map(
            (name) =>
              `${called} does not allow the name ${plain(name.value, 80)} of ${below.called.replace("The", "the")}.`,
          ),
      );
  });
  const constrained = all.some(({ certificate }) => certificate.extensions.nameConstraints !== null);
  return checkOf(
    "name-constraints",
    faults,
    constrained ? "Every name is within the constraints of its issuers." : "No issuer constrains names.",
  );
}

function isWithin(name: GeneralName, limits: { permitted: GeneralName[]; excluded: GeneralName[] }): boolean {
  const sameKind = (bases: GeneralName[]) => bases.filter((base) => base.type === name.type);
  const permitted = sameKind(limits.permitted);
  const excluded = sameKind(limits.excluded);
  if (permitted.length === 0 && excluded.length === 0) return true;
  const host = name.type === "dns" ? name.value : uriHost(name.value);
  // A URI without a host cannot be shown to be inside or outside (RFC 5280 §4.2.1.10).
  if (host === null) return false;
  const fits = (base: GeneralName) =>
    name.type === "dns" ? dnsWithin(host, base.value) : uriWithin(host, base.value);
  return (permitted.length === 0 || permitted.some(fits)) && !excluded.some(fits);
}

/** Host of a URI with an authority; null where it has none. */
function uriHost(uri: string): string | null {
  const authority = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/([^/?#]*)/.exec(uri)?.[1];
  const host = authority?.replace(/^.*@/, "").replace(/:\d*$/, "");
  return host ? host : null;
}

/** A DNS base covers itself and everything below it; the empty one covers all. */
function dnsWithin(host: string, base: string): boolean {
  const [name, of] = [host.toLowerCase(), base.toLowerCase().replace(/^\./, "")];
  return of === "" || name === of || name.endsWith(`.${of}`);
}

/** A URI base is one host, or with a leading dot every host below it. */
function uriWithin(host: string, base: string): boolean {
  const [name, of] = [host.toLowerCase(), base.toLowerCase()];
  return of.startsWith(".") ? name.endsWith(of) : name === of;
}
