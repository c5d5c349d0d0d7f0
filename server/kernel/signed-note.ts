import { createPublicKey, type JsonWebKey, type KeyObject, sign, verify } from "node:crypto";
import { ensure } from "./ensure.ts";
import { sha256 } from "./hash.ts";

/** Signature type of plain Ed25519 (C2SP signed-note). */
const ED25519_TYPE = Buffer.from([0x01]);
const SIGNATURE_BYTES = 64;
const KEY_ID_BYTES = 4;
const SIGNATURES_MAX = 64;
const NOTE_CHARACTERS_MAX = 64 * 1024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the specification forbids just these.
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
const NAME = /^[^\p{White_Space}+]+$/u;
const LINE = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/u;

/** A key that notes are verified with. Name and key id together tell keys apart. */
export type NoteVerifier = { name: string; keyId: string; publicKey: KeyObject };

/** What a note turned out to be. Its text counts only where a known key signed it. */
export type OpenedNote =
  | { outcome: "signed"; text: string; keyIds: string[] }
  | { outcome: "malformed" | "unknown-key" | "bad-signature"; detail: string };

/** Key id of an Ed25519 key under a name, in hex: SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key)[:4]. */
export function noteKeyId(name: string, publicKey: KeyObject): string {
  return sha256(`${name}\n`, ED25519_TYPE, rawKey(publicKey)).subarray(0, KEY_ID_BYTES).toString("hex");
}

/** A verifier of notes that `name` signed with this key. */
export function noteVerifier(name: string, key: KeyObject | JsonWebKey): NoteVerifier {
  ensure(NAME.test(name), "a note key's name holds no space and no plus");
  const publicKey =
    "asymmetricKeyType" in key
      ? (key as KeyObject)
      : createPublicKey({ key: key as JsonWebKey, format: "jwk" });
  return { name, keyId: noteKeyId(name, publicKey), publicKey };
}

/** The verifier as one line to keep elsewhere: `name+keyid+base64`. */
export function verifierText(verifier: NoteVerifier): string {
  const key = Buffer.concat([ED25519_TYPE, rawKey(verifier.publicKey)]).toString("base64");
  return `${verifier.name}+${verifier.keyId}+${key}`;
}

/** Reads such a line; null where it is not one, or its key id is not the key's. */
export function parseVerifier(text: string): NoteVerifier | null {
  const [name = "", keyId, ...rest] = text.trim().split("+");
  const bytes = Buffer.from(rest.join("+"), "base64");
  if (!NAME.test(name) || bytes.length !== 33 || bytes[0] !== ED25519_TYPE[0]) return null;
  const verifier = noteVerifier(name, {
    kty: "OKP",
    crv: "Ed25519",
    x: bytes.subarray(1).toString("base64url"),
  });
  return verifier.keyId === keyId ? verifier : null;
}

/**
 * Signs a text as a C2SP signed note.
 *
 * @param text ends with a newline and holds no other control character.
 */
export function signNote(text: string, signer: { name: string; privateKey: KeyObject }): string {
  ensure(
    text.endsWith("\n") && !CONTROL.test(text),
    "a note's text ends with a newline, no other control character",
  );
  const keyId = noteKeyId(signer.name, createPublicKey(signer.privateKey));
  const signature = sign(null, Buffer.from(text), signer.privateKey);
  const line = Buffer.concat([Buffer.from(keyId, "hex"), signature]).toString("base64");
  return `${text}\n\u2014 ${signer.name} ${line}\n`;
}

/**
 * Opens a note that may come from anybody. Signatures by unknown keys are passed over; a signature that
 * claims a known key and does not verify condemns the whole note (C2SP signed-note).
 */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): OpenedNote {
  const parts = splitNote(note);
  if (typeof parts === "string") return { outcome: "malformed", detail: parts };
  const keyIds: string[] = [];
  for (const { name, bytes } of parts.signatures) {
    const keyId = bytes.subarray(0, KEY_ID_BYTES).toString("hex");
    const verifier = verifiers.find((known) => known.name === name && known.keyId === keyId);
    if (!verifier) continue;
    const signature = bytes.subarray(KEY_ID_BYTES);
    const genuine =
      signature.length === SIGNATURE_BYTES &&
      verify(null, Buffer.from(parts.text), verifier.publicKey, signature);
    if (!genuine)
      return { outcome: "bad-signature", detail: `The signature of ${name} (key ${keyId}) does not verify.` };
    keyIds.push(keyId);
  }
  if (keyIds.length === 0)
    return {
      outcome: "unknown-key",
      detail: `No known key signed it; it names ${parts.signatures.map(({ name }) => name).join(", ")}.`,
    };
  return { outcome: "signed", text: parts.text, keyIds };
}

function splitNote(note: string): { text: string; signatures: { name: string; bytes: Buffer }[] } | string {
  if (note.length > NOTE_CHARACTERS_MAX) return "The note is too long.";
  if (CONTROL.test(note)) return "The note holds a control character.";
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n"))
    return "The note has no text and signatures, separated by an empty line.";
  const lines = note.slice(end + 2, -1).split("\n");
  if (lines.length > SIGNATURES_MAX) return "The note has too many signatures.";
  const signatures: { name: string; bytes: Buffer }[] = [];
  for (const line of lines) {
    const [, name = "", encoded = ""] = LINE.exec(line) ?? [];
    const bytes = Buffer.from(encoded, "base64");
    if (!NAME.test(name) || bytes.length <= KEY_ID_BYTES || bytes.toString("base64") !== encoded)
      return "A signature line is malformed.";
    signatures.push({ name, bytes });
  }
  return { text: note.slice(0, end + 1), signatures };
}

function rawKey(publicKey: KeyObject): Buffer {
  const { x, crv } = publicKey.export({ format: "jwk" });
  ensure(crv === "Ed25519" && x, "a note key is Ed25519");
  return Buffer.from(x, "base64url");
}
