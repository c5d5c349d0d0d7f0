import canonicalizeJson from "canonicalize";
import { InvalidInputError } from "./errors.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/**
 * Canonical form of a JSON value (RFC 8785): members sorted by UTF-16 code units, ECMAScript numbers.
 * Members that are `undefined` are left out.
 *
 * @throws InvalidInputError `not_canonical` for NaN, Infinity, integers beyond 2^53 or lone surrogates.
 */
export function canonicalJson(value: Json): string {
  refuseLossy(value);
  const text = canonicalizeJson(value);
  if (text === undefined) throw new InvalidInputError("not_canonical", "This value has no JSON form.");
  return text;
}

/** The canonical form as UTF-8 bytes: what is hashed and signed. */
export function canonicalBytes(value: Json): Buffer {
  return Buffer.from(canonicalJson(value), "utf8");
}

function refuseLossy(value: Json | undefined): void {
  if (typeof value === "number") {
    if (!Number.isFinite(value))
      throw new InvalidInputError("not_canonical", "NaN and Infinity are not JSON numbers.");
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      throw new InvalidInputError(
        "not_canonical",
        "An integer beyond 2^53 loses digits; send it as a string.",
      );
  } else if (typeof value === "string") {
    refuseLoneSurrogate(value);
  } else if (Array.isArray(value)) {
    for (const item of value) refuseLossy(item);
  } else if (value && typeof value === "object") {
    for (const [key, member] of Object.entries(value)) {
      refuseLoneSurrogate(key);
      refuseLossy(member);
    }
  }
}

function refuseLoneSurrogate(text: string): void {
  if (LONE_SURROGATE.test(text))
    throw new InvalidInputError("not_canonical", "The text holds a lone surrogate.");
}
