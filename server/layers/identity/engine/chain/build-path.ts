import { signatureHolds } from "./algorithms.ts";
import type { Certificate } from "./read-certificate.ts";

/** From the leaf upwards; the last one is an anchor where `anchored`. */
export type Path = { certificates: [Certificate, ...Certificate[]]; anchored: boolean };

/** Leaf, issuers and anchor. */
const PATH_MAX = 8;
/** Names lead to candidates, and an attacker chooses names: the search ends after so many. */
const STEPS_MAX = 200;

/**
 * Builds a path from the leaf to a trust anchor (RFC 5280 §6.1, RFC 4158). A path whose signatures hold is
 * preferred; without one, the path that the names tell is returned, so that the checks can say what is wrong with it.
 */
export function buildPath(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  anchors: readonly Certificate[],
): Path {
  const signed = search(leaf, intermediates, anchors, (child, issuer) => signatureHolds(child, issuer.key));
  if (signed.anchored) return signed;
  const named = search(leaf, intermediates, anchors, () => true);
  return named.anchored || named.certificates.length > signed.certificates.length ? named : signed;
}

function search(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  anchors: readonly Certificate[],
  counts: (child: Certificate, issuer: Certificate) => boolean,
): Path {
  let steps = 0;
  let longest: Path = { certificates: [leaf], anchored: false };
  const grow = (certificates: Path["certificates"]): Path | null => {
    if (certificates.length > longest.certificates.length) longest = { certificates, anchored: false };
    const child = certificates.at(-1) ?? leaf;
    const fits = (issuer: Certificate) =>
      steps++ < STEPS_MAX && isNamedIssuer(child, issuer) && counts(child, issuer);
    const anchor = anchors.find((one) => !one.raw.equals(leaf.raw) && fits(one));
    if (anchor) return { certificates: [...certificates, anchor], anchored: true };
    if (certificates.length >= PATH_MAX - 1) return null;
    for (const issuer of byKeyId(child, intermediates)) {
      if (certificates.some((one) => one.raw.equals(issuer.raw)) || !fits(issuer)) continue;
      const found = grow([...certificates, issuer]);
      if (found) return found;
    }
    return null;
  };
  return grow([leaf]) ?? longest;
}

/** Names are compared byte for byte: an authority writes its own the same way everywhere (RFC 5280 §4.1.2.4). */
function isNamedIssuer(child: Certificate, issuer: Certificate): boolean {
  return child.issuer.equals(issuer.subject);
}

/** Of authorities with one name, the one whose key the child names comes first. */
function byKeyId(child: Certificate, issuers: readonly Certificate[]): Certificate[] {
  const wanted = child.extensions.authorityKeyId;
  const named = (one: Certificate) => wanted !== null && one.extensions.subjectKeyId === wanted;
  return [...issuers.filter(named), ...issuers.filter((one) => !named(one))];
}
