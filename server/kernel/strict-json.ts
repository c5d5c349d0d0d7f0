import type { Json } from "./canonical.ts";
import { InvalidInputError } from "./errors.ts";

const DEPTH_MAX = 32;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads JSON that says one thing only: valid UTF-8, one value, no object with the same member twice (parsers
 * differ on which of the two they believe) and at most 32 levels deep.
 *
 * @throws InvalidInputError `malformed_json`, `duplicate_key` or `too_deep`.
 */
export function parseStrictJson(bytes: Uint8Array | string): Json {
  const text = typeof bytes === "string" ? bytes : decode(bytes);
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw new InvalidInputError("malformed_json", "The body is not JSON.");
  }
  refuseDuplicates(text);
  return value;
}

/** UTF-8 to text, byte for byte: nothing is replaced, no byte-order mark is dropped. @throws InvalidInputError `malformed_json`. */
export function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InvalidInputError("malformed_json", "The body is not UTF-8.");
  }
}

/** Walks text that JSON.parse has accepted: a string right after `{` or after `,` in an object is a member's name. */
function refuseDuplicates(text: string): void {
  const open: (Set<string> | null)[] = [];
  let nameNext = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = closingQuote(text, at);
      const names = open[open.length - 1];
      if (nameNext && names) addName(names, text.slice(at, end + 1));
      nameNext = false;
      at = end;
    } else if (code === 0x7b || code === 0x5b) {
      if (open.length === DEPTH_MAX)
        throw new InvalidInputError("too_deep", `The JSON is nested more than ${DEPTH_MAX} levels deep.`);
      open.push(code === 0x7b ? new Set() : null);
      nameNext = code === 0x7b;
    } else if (code === 0x7d || code === 0x5d) {
      open.pop();
      nameNext = false;
    } else if (code === 0x2c) {
      nameNext = open[open.length - 1] !== null;
    }
  }
}

function closingQuote(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}

function addName(names: Set<string>, quoted: string): void {
  const name = quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  if (names.has(name))
    throw new InvalidInputError("duplicate_key", `The JSON names the member ${quoted.slice(0, 64)} twice.`);
  names.add(name);
}
