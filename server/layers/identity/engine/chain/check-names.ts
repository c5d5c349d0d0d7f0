import type { Check } from "../../../../kernel/decision.ts";
import type { Purpose } from "../../schema.ts";
import { agentOfSpiffeId, TRUST_DOMAIN } from "../names.ts";
import { PROFILES } from "../profiles.ts";
import { checkOf } from "./findings.ts";
import { type GeneralName, plain } from "./general-names.ts";
import type { Certificate } from "./read-certificate.ts";
import { EXTENSION } from "./read-extensions.ts";
import { readSpiffeId } from "./spiffe-id.ts";

/** Whom the leaf names, and whether it is the one expected. `agent` null: any agent of the bank. */
export function checkLeafNames(
  leaf: Certificate,
  expected: { purpose: Purpose; agent: string | null },
): Check[] {
  const names = leaf.extensions.names;
  const form = purposeForm(names, expected.purpose);
  const critical = leaf.subjectText === "" && !leaf.extensions.critical.includes(EXTENSION.names);
  return [
    checkOf(
      "subject-alternative-name",
      [
        ...form,
        ...(critical ? ["Without a subject the alternative name must be critical (RFC 5280 §4.2.1.6)."] : []),
      ],
      `The leaf has one name: ${plain(names?.[0]?.value ?? "")}.`,
    ),
    checkIdentity(names, expected),
  ];
}

/** SPIFFE X.509-SVID §2: exactly one URI. Every purpose of ours has exactly one name, of one kind. */
function purposeForm(names: GeneralName[] | null, purpose: Purpose): string[] {
  if (names === null) return ["The leaf has no alternative name."];
  const wanted = PROFILES[purpose].names("a")[0]?.type === "dns" ? "dns" : "url";
  const faults: string[] = [];
  const uris = names.filter((name) => name.type === "url");
  if (wanted === "url" && uris.length !== 1)
    faults.push(`A ${purpose} certificate has exactly one URI; the leaf has ${uris.length}.`);
  const others = names.filter((name) => name.type !== wanted);
  if (others.length > 0)
    faults.push(
      `The leaf has names of other kinds: ${others.map((name) => `${name.type} ${plain(name.value, 60)}`).join(", ")}.`,
    );
  if (wanted === "dns" && names.length !== 1)
    faults.push(`The leaf has ${names.length} names; it must have one.`);
  if (purpose === "transport")
    for (const { value } of uris) {
      const id = readSpiffeId(value);
      if (typeof id === "string") faults.push(`“${plain(value, 80)}” is no SPIFFE id: ${id}`);
      else if (id.trustDomain !== TRUST_DOMAIN)
        faults.push(`The trust domain is ${TRUST_DOMAIN}; the leaf's is ${id.trustDomain}.`);
    }
  return faults;
}

function checkIdentity(
  names: GeneralName[] | null,
  { purpose, agent }: { purpose: Purpose; agent: string | null },
): Check {
  const held = names?.map((name) => plain(name.value, 80)).join(", ") || "nobody";
  if (agent === null) {
    const known = names?.length === 1 && agentOfSpiffeId(names[0]?.value ?? "") !== null;
    return checkOf(
      "identity",
      known ? [] : [`The leaf names no agent of the bank: ${held}.`],
      `The leaf names ${held}.`,
    );
  }
  const wanted = PROFILES[purpose].names(agent);
  const same =
    names?.length === wanted.length &&
    wanted.every((name) => names.some((one) => one.type === name.type && one.value === name.value));
  const expected = wanted.map((name) => name.value).join(", ");
  return checkOf(
    "identity",
    same ? [] : [`Expected ${expected}; the leaf names ${held}.`],
    `The leaf names ${expected}, as expected.`,
  );
}
