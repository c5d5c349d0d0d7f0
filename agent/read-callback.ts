import type { KeyObject } from "node:crypto";
import {
  compactDecrypt,
  createLocalJWKSet,
  decodeProtectedHeader,
  type JSONWebKeySet,
  jwtVerify,
} from "jose";
import { z } from "zod";
import {
  CALLBACK_AGE_MS_MAX,
  CALLBACK_ALGORITHMS,
  CALLBACK_TYPE,
  type CallbackMessage,
} from "../server/kernel/callback.ts";
import { AgentError } from "./errors.ts";

const claims = z.object({
  jti: z.string().min(1).max(256),
  iat: z.number().int(),
  topic: z.string(),
  createdAt: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()),
});

/** What an agent opens a callback with. */
export type CallbackReader = {
  /** Its encryption keys by key id: the one it has, and the one before while messages to it are under way. */
  decryptionKey: (keyId: string) => KeyObject | undefined;
  issuer: string;
  did: string;
  /** Vigil's callback keys; asked for again where none of them is the one that signed. */
  keySet: (again: boolean) => Promise<JSONWebKeySet>;
  now: Date;
};

/**
 * Opens what came to the agent's callback server: decrypts it, and believes it only where Vigil signed it, for this
 * agent, a moment ago. Everything that comes is from anybody until this returns.
 *
 * @throws AgentError `callback_unreadable`, `callback_forged`; `callback_unchecked` (503) where Vigil's keys could not
 *   be had: the message may be genuine and should come again.
 */
export async function readCallback(sealed: string, reader: CallbackReader): Promise<CallbackMessage> {
  const signed = await decrypt(sealed, reader);
  const payload = await verify(signed, reader).catch((error: unknown) => {
    if (error instanceof AgentError) throw error;
    throw new AgentError(
      "callback_forged",
      400,
      "This callback was not signed by Vigil for this agent, just now.",
    );
  });
  const { jti, topic, createdAt, data } = payload;
  return { id: jti, topic, createdAt, data };
}

async function decrypt(sealed: string, reader: CallbackReader): Promise<string> {
  try {
    const key = reader.decryptionKey(String(decodeProtectedHeader(sealed).kid));
    if (!key) throw new Error("not a key of this agent");
    const { plaintext } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: [CALLBACK_ALGORITHMS.key],
      contentEncryptionAlgorithms: [CALLBACK_ALGORITHMS.content],
    });
    return Buffer.from(plaintext).toString("utf8");
  } catch {
    throw new AgentError(
      "callback_unreadable",
      400,
      "This callback is not encrypted to a key of this agent.",
    );
  }
}

async function verify(signed: string, reader: CallbackReader) {
  const { issuer, did: audience, now: currentDate } = reader;
  const options = { issuer, audience, currentDate, typ: CALLBACK_TYPE, algorithms: ["EdDSA"] };
  const by = async (again: boolean) =>
    jwtVerify(signed, createLocalJWKSet(await keysOf(reader, again)), options);
  const { payload } = await by(false).catch((error: { code?: string }) => {
    if (error.code !== "ERR_JWKS_NO_MATCHING_KEY") throw error;
    return by(true);
  });
  const read = claims.parse(payload);
  if (Math.abs(currentDate.getTime() - read.iat * 1000) > CALLBACK_AGE_MS_MAX)
    throw new AgentError("callback_stale", 400, "This callback was made too long ago, or in the future.");
  return read;
}

async function keysOf(reader: CallbackReader, again: boolean): Promise<JSONWebKeySet> {
  try {
    return await reader.keySet(again);
  } catch (error) {
    throw new AgentError(
      "callback_unchecked",
      503,
      `Vigil's callback keys could not be fetched: ${error instanceof Error ? error.message : error}`,
    );
  }
}
