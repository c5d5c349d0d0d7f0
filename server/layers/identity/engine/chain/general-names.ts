import { type Der, DerFault, listOf, oidOf, partsOf, TAG } from "../../../../kernel/der.ts";

/** A GeneralName (RFC 5280 §4.2.1.6). `ip` is hex; of the kinds that nothing here uses only the kind is kept. */
export type GeneralName = { type: "url" | "dns" | "email" | "ip" | "other"; value: string };

const CONTEXT = { email: 0x81, dns: 0x82, url: 0x86, ip: 0x87 };
const NAMES_MAX = 64;
const ATTRIBUTES: Record<string, string> = {
  "2.5.4.3": "CN",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
};

export function readGeneralNames(value: Der, what: string): GeneralName[] {
  const names = listOf(value, TAG.sequence, what);
  if (names.length === 0 || names.length > NAMES_MAX)
    throw new DerFault(`${what} holds ${names.length} names; 1 to ${NAMES_MAX} are taken.`);
  return names.map((name) => readGeneralName(name, what));
}

export function readGeneralName(name: Der, what: string): GeneralName {
  switch (name.tag) {
    case CONTEXT.url:
      return { type: "url", value: printable(name.content, what) };
    case CONTEXT.dns:
      return { type: "dns", value: printable(name.content, what) };
    case CONTEXT.email:
      return { type: "email", value: printable(name.content, what) };
    case CONTEXT.ip:
      return { type: "ip", value: name.content.toString("hex") };
    default:
      return { type: "other", value: `kind ${name.tag & 0x1f}` };
  }
}

/** A distinguished name for people, as `CN=…, O=…`; comparisons use its bytes. */
export function nameText(name: Der): string {
  return listOf(name, TAG.sequence, "A name")
    .flatMap((set) => listOf(set, TAG.set, "A part of a name"))
    .map((attribute) => {
      const parts = partsOf(attribute, TAG.sequence, "A part of a name");
      const type = oidOf(parts.take(TAG.oid, "A name's type"), "A name's type");
      const value = parts.any("A name's value").content.toString("utf8");
      return `${ATTRIBUTES[type] ?? type}=${plain(value)}`;
    })
    .join(", ");
}

/** What a certificate says of itself, fit for a sentence: no invisible characters, not too long. */
export function plain(text: string, charsMax = 120): string {
  const shown = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\uFFFD");
  return shown.length > charsMax ? `${shown.slice(0, charsMax)}…` : shown;
}

/** Visible ASCII: a NUL or a space within a name has fooled verifiers before. */
function printable(content: Buffer, what: string): string {
  if (content.some((octet) => octet <= 0x20 || octet >= 0x7f))
    throw new DerFault(`${what} holds characters that no name has.`);
  return content.toString("latin1");
}
