import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noteVerifier, openNote, parseVerifier, signNote, verifierText } from "./signed-note.ts";

/** Example of the Go reference implementation (golang.org/x/mod/sumdb/note). */
const PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETERS_NOTE =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

const makeKey = (name: string) => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return { name, privateKey, verifier: noteVerifier(name, publicKey) };
};
const log = makeKey("vigil/log");
const witness = makeKey("witness.example/w");
const TEXT = "vigil/log\n3\nroot\n";

describe("signed notes", () => {
  test("the reference implementation's note opens with its key, and its key survives being written", () => {
    const peter = parseVerifier(PETER);
    expect(peter && openNote(PETERS_NOTE, [peter])).toMatchObject({
      outcome: "signed",
      keyIds: ["c74f20a3"],
    });
    expect(peter && verifierText(peter)).toBe(PETER);
  });

  test("what was signed opens with the text as it was", () => {
    const line = fc.string({ unit: fc.constantFrom("a", "—", "é", " ", "+"), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        const text = `${lines.join("\n")}\n`;
        expect(openNote(signNote(text, log), [log.verifier])).toEqual({
          outcome: "signed",
          text,
          keyIds: [log.verifier.keyId],
        });
      }),
    );
  });

  test("no changed byte of text or signature opens", () => {
    const note = Buffer.from(signNote(TEXT, log));
    for (let at = 0; at < note.length; at++) {
      const changed = Buffer.from(note);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(openNote(changed.toString("utf8"), [log.verifier]).outcome).not.toBe("signed");
    }
  });

  test("signatures of unknown keys are passed over, and are not enough", () => {
    const note = signNote(TEXT, log);
    const cosignature = signNote(TEXT, witness).split("\n\n")[1];
    expect(openNote(note + cosignature, [log.verifier])).toMatchObject({ keyIds: [log.verifier.keyId] });
    expect(openNote(note + cosignature, [log.verifier, witness.verifier])).toMatchObject({
      keyIds: [log.verifier.keyId, witness.verifier.keyId],
    });
    expect(openNote(note, [witness.verifier]).outcome).toBe("unknown-key");
    expect(openNote(note, []).outcome).toBe("unknown-key");
  });

  test("one bad signature of a known key condemns the note, whatever else signed it", () => {
    const other = signNote("vigil/log\n4\nroot\n", witness).split("\n\n")[1];
    const note = signNote(TEXT, log) + other;
    expect(openNote(note, [log.verifier, witness.verifier]).outcome).toBe("bad-signature");
  });

  test("the same name with another key is another signer", () => {
    const impostor = makeKey(log.name);
    expect(openNote(signNote(TEXT, impostor), [log.verifier]).outcome).toBe("unknown-key");
  });

  test.each([
    ["a control character", signNote(TEXT, log).replace("root", "ro\tot")],
    ["a carriage return", signNote(TEXT, log).replaceAll("\n", "\r\n")],
    ["no signature", `${TEXT}\n`],
    ["no empty line", signNote(TEXT, log).replace("\n\n", "\n")],
    ["no newline at the end", signNote(TEXT, log).slice(0, -1)],
    ["a hyphen for the dash", signNote(TEXT, log).replace("—", "-")],
    ["a plus in the name", signNote(TEXT, log).replace("— vigil/log", "— vigil+log")],
    ["base64 that is not canonical", signNote(TEXT, log).replace(/=*\n$/, "\n")],
    ["too many signatures", signNote(TEXT, log) + signNote(TEXT, log).split("\n\n")[1]?.repeat(64)],
    ["nothing at all", ""],
  ])("a note with %s is malformed", (_, note) => {
    expect(openNote(note, [log.verifier]).outcome).toBe("malformed");
  });

  test("sixteen signatures are read", () => {
    const keys = Array.from({ length: 16 }, (_, i) => makeKey(`key/${i}`));
    const note = keys.reduce((made, key) => made + signNote(TEXT, key).split("\n\n")[1], `${TEXT}\n`);
    expect(
      openNote(
        note,
        keys.map((key) => key.verifier),
      ),
    ).toMatchObject({ keyIds: { length: 16 } });
  });

  test("a verifier line whose key id is not the key's is refused", () => {
    expect(parseVerifier(PETER.replace("c74f20a3", "c74f20a4"))).toBeNull();
    expect(parseVerifier("name+00000000+AA==")).toBeNull();
    expect(parseVerifier("")).toBeNull();
  });
});
