import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { noteVerifier, signNote } from "../../../kernel/signed-note.ts";
import { readCheckpoint, signCheckpointNote } from "./checkpoint.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const ORIGIN = "vigil/test";
const verifiers = [noteVerifier(ORIGIN, publicKey)];
const root = Buffer.alloc(32, 7);
const signed = (text: string) => signNote(text, { name: ORIGIN, privateKey });

describe("checkpoints", () => {
  test("origin, size and root come back as they were signed", () => {
    const note = signCheckpointNote({ origin: ORIGIN, size: 42, root }, privateKey);
    expect(note.split("\n").slice(0, 3)).toEqual([ORIGIN, "42", root.toString("base64")]);
    expect(readCheckpoint(note, verifiers).checkpoint).toEqual({ origin: ORIGIN, size: 42, root });
  });

  test("extension lines are allowed, as witnesses must accept them", () => {
    const note = signed(`${ORIGIN}\n1\n${root.toString("base64")}\nmore\n`);
    expect(readCheckpoint(note, verifiers).checkpoint?.size).toBe(1);
  });

  test.each([
    ["a leading zero", `${ORIGIN}\n042\n${root.toString("base64")}\n`],
    ["a sign", `${ORIGIN}\n+42\n${root.toString("base64")}\n`],
    ["a size beyond exact integers", `${ORIGIN}\n9999999999999999\n${root.toString("base64")}\n`],
    ["a short root", `${ORIGIN}\n42\n${root.subarray(1).toString("base64")}\n`],
    ["a root that is not canonical base64", `${ORIGIN}\n42\n${root.toString("base64url")}\n`],
    ["an empty origin", `\n42\n${root.toString("base64")}\n`],
    ["two lines", `${ORIGIN}\n42\n`],
  ])("a signed text with %s is no checkpoint", (_, text) => {
    const read = readCheckpoint(signed(text), verifiers);
    expect(read.checkpoint).toBeNull();
    expect(read.problem?.signature).toBe(false);
  });

  test("a checkpoint by another key is told from one that is malformed", () => {
    const other = generateKeyPairSync("ed25519");
    const note = signCheckpointNote({ origin: ORIGIN, size: 42, root }, other.privateKey);
    expect(readCheckpoint(note, verifiers).problem?.signature).toBe(true);
    expect(readCheckpoint("nonsense", verifiers).problem?.signature).toBe(false);
  });
});
