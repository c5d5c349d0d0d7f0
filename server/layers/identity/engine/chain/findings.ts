import type { Check } from "../../../../kernel/decision.ts";
import type { Path } from "./build-path.ts";
import { plain } from "./general-names.ts";
import type { Certificate } from "./read-certificate.ts";

/** A certificate of a path with what it is called in sentences. */
export type Placed = {
  certificate: Certificate;
  place: number;
  role: "leaf" | "issuer" | "anchor";
  called: string;
};

export function placed(path: Path): Placed[] {
  const last = path.certificates.length - 1;
  return path.certificates.map((certificate, place) => {
    const role = place === 0 ? "leaf" : place === last && path.anchored ? "anchor" : "issuer";
    const subject = plain(certificate.subjectText, 80) || "without a subject";
    return { certificate, place, role, called: `The ${role} “${subject}”` };
  });
}

/** One named check: it passes where there is no fault. */
export function checkOf(id: string, faults: readonly string[], fine: string): Check {
  return { id, passed: faults.length === 0, detail: faults.length === 0 ? fine : faults.join(" ") };
}
