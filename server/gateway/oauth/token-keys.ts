import { createPublicKey, type KeyObject } from "node:crypto";
import type { JSONWebKeySet } from "jose";
import type { Logger } from "pino";
import type { Database } from "../../../db/client.ts";
import { present } from "../../kernel/ensure.ts";
import { VigilError } from "../../kernel/errors.ts";
import { keyThumbprint } from "../../kernel/key-thumbprint.ts";
import type { HeldKey, KeyStore } from "../../keys/key-store.ts";
import {
  endsAt,
  signingKey,
  tokenKeyPhase,
  tokenKeySteps,
} from "../../layers/authorization/engine/token-key-life.ts";
import { tendTokenKeys } from "../../layers/authorization/tend-token-keys.ts";
import { readTokenKeys, type TokenKeyRow, tokenKeyName } from "../../layers/authorization/token-key-store.ts";

/** Nobody who sends unknown key ids makes the gateway read more often than this. */
const UNKNOWN_READ_MS_MIN = 1_000;
/** A step makes at most two others due; what others took meanwhile is read between them. */
const TURNS_MAX = 5;

/** What a token's key id stands for at this gateway, now. */
export type KeyVerdict =
  | { verdict: "trusted"; publicKey: KeyObject }
  | { verdict: "tainted" | "retired" | "unknown" };

/** The keys of access tokens as a gateway holds them in memory; what counts is in the database. */
export type TokenKeys = {
  /** The key that signs now. Where none may, one is made. */
  signing: (now: Date) => Promise<HeldKey>;
  /** A key that was given out to sign with, by its id. */
  held: (keyId: string) => HeldKey;
  judge: (keyId: string, now: Date) => KeyVerdict;
  /** Reads again because of a key id that is not known, at most once a second. */
  learn: () => Promise<void>;
  /** What is published (RFC 7517): the next key, the one that signs, and those whose tokens are not over. */
  published: (now: Date) => JSONWebKeySet;
  /** Reads the keys anew; whoever holds them calls it on notices and at least once a second. */
  read: () => Promise<void>;
  /** Names of the sealed keys that would count now and cannot be opened here: wrong `VIGIL_KEK`, or damaged. */
  unopened: (now: Date) => string[];
  /** Takes the steps that are due: the next key, and what the log says of each. */
  tend: (now: Date) => Promise<void>;
};

type Opened = { key: HeldKey; publicKey: KeyObject };
type Held = Opened & { row: TokenKeyRow; endsMs: number };

/**
 * Opens the token keys, making the first where there is none. Public halves come out of the sealed private ones: a
 * key that somebody wrote into the database is trusted by nobody. One that cannot be opened is left out, so that the
 * others go on counting.
 *
 * @throws VigilError `sealed_blob_unopenable`, `key_unreadable`, NotFoundError `key_missing` for the one that signs.
 */
export async function openTokenKeys(deps: {
  db: Database;
  keys: KeyStore;
  log: Logger;
  clock: () => Date;
}): Promise<TokenKeys> {
  const { db, keys, log, clock } = deps;
  const opened = new Map<number, Opened>();
  const shut = new Set<number>();
  let rows: TokenKeyRow[] = [];
  let byId = new Map<string, Held>();
  let reading: Promise<void> | null = null;
  let learntAt = Number.NEGATIVE_INFINITY;

  async function open({ generation }: TokenKeyRow): Promise<Opened> {
    const held = opened.get(generation);
    if (held) return held;
    const made = withPublicHalf(await keys.open(tokenKeyName(generation)));
    opened.set(generation, made);
    shut.delete(generation);
    return made;
  }

  /** Null where the key itself is at fault, which is said once. @throws what the database throws. */
  async function tryOpen(row: TokenKeyRow): Promise<Opened | null> {
    try {
      return await open(row);
    } catch (error) {
      if (!(error instanceof VigilError) || !FAULTS_OF_THE_KEY.includes(error.code)) throw error;
      const { generation, keyId } = row;
      if (!shut.has(generation))
        log.error({ err: error, generation, keyId }, "a token key cannot be opened and is left out");
      shut.add(generation);
      return null;
    }
  }

  async function readNow(): Promise<void> {
    const read = await readTokenKeys(db);
    const all = await Promise.all(
      read.map(async (row): Promise<Held[]> => {
        const key = await tryOpen(row);
        return key ? [{ ...key, row, endsMs: endsAt(row, read)?.getTime() ?? Number.POSITIVE_INFINITY }] : [];
      }),
    );
    rows = read;
    byId = new Map(all.flat().map((held) => [held.key.keyId, held]));
  }

  /** One at a time; a call during a read is answered by a read that begins after it. */
  async function read(): Promise<void> {
    while (reading) await reading.catch(() => undefined);
    reading = readNow().finally(() => {
      reading = null;
    });
    await reading;
  }

  async function tend(now: Date): Promise<void> {
    for (let turns = 0; turns < TURNS_MAX && tokenKeySteps(rows, now).length > 0; turns++) {
      await tendTokenKeys(db, keys, now);
      await read();
    }
  }

  async function signing(now: Date): Promise<HeldKey> {
    if (!signingKey(rows, now)) await tend(now);
    const row = present(signingKey(rows, now), "a token key that may sign");
    return (await open(row)).key;
  }

  await read();
  await tend(clock());
  await signing(clock());
  return {
    ...{ read, tend, signing },
    unopened: (now) =>
      rows
        .filter((row) => shut.has(row.generation) && KEPT.includes(tokenKeyPhase(row, rows, now)))
        .map(({ generation }) => tokenKeyName(generation)),
    held: (keyId) => present(byId.get(keyId)?.key, "the token key that was chosen"),
    judge(keyId, now) {
      const held = byId.get(keyId);
      if (!held) return { verdict: "unknown" };
      if (held.row.taintedAt) return { verdict: "tainted" };
      if (held.endsMs <= now.getTime()) return { verdict: "retired" };
      return { verdict: "trusted", publicKey: held.publicKey };
    },
    async learn() {
      const now = performance.now();
      if (now - learntAt < UNKNOWN_READ_MS_MIN) return;
      learntAt = now;
      await read();
    },
    published(now) {
      const kept = [...byId.values()].filter(({ row }) => KEPT.includes(tokenKeyPhase(row, rows, now)));
      return {
        keys: kept.map(({ key, publicKey }) => ({
          ...publicKey.export({ format: "jwk" }),
          ...{ kid: key.keyId, alg: key.algorithm, use: "sig" },
        })),
      };
    },
  };
}

/** @throws VigilError `key_unreadable` where it is a key of another kind. */
function withPublicHalf(key: HeldKey): Opened {
  if (key.privateKey.type !== "private")
    throw new VigilError("key_unreadable", 500, `The sealed key ${key.name} is no private key.`);
  const publicKey = createPublicKey(key.privateKey);
  return { key: { ...key, keyId: keyThumbprint(publicKey) }, publicKey };
}

const FAULTS_OF_THE_KEY: readonly string[] = ["key_missing", "sealed_blob_unopenable", "key_unreadable"];
const KEPT: readonly string[] = ["standby", "signing", "retiring"];
