import { createPublicKey, type KeyObject } from "node:crypto";
import type { JSONWebKeySet } from "jose";
import type { Database } from "../../../db/client.ts";
import { present } from "../../kernel/ensure.ts";
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
  /** Takes the steps that are due: the next key, and what the log says of each. */
  tend: (now: Date) => Promise<void>;
};

type Held = { row: TokenKeyRow; key: HeldKey; publicKey: KeyObject; endsMs: number };

/**
 * Opens the token keys, making the first where there is none. Public halves come out of the sealed private ones: a
 * key that somebody wrote into the database is trusted by nobody.
 */
export async function openTokenKeys(deps: {
  db: Database;
  keys: KeyStore;
  clock: () => Date;
}): Promise<TokenKeys> {
  const { db, keys, clock } = deps;
  const opened = new Map<number, Pick<Held, "key" | "publicKey">>();
  let rows: TokenKeyRow[] = [];
  let byId = new Map<string, Held>();
  let reading: Promise<void> | null = null;
  let learntAt = Number.NEGATIVE_INFINITY;

  async function open({ generation }: TokenKeyRow): Promise<Pick<Held, "key" | "publicKey">> {
    const held = opened.get(generation);
    if (held) return held;
    const key = await keys.open(tokenKeyName(generation));
    const publicKey = createPublicKey(key.privateKey);
    const made = { key: { ...key, keyId: keyThumbprint(publicKey) }, publicKey };
    opened.set(generation, made);
    return made;
  }

  async function readNow(): Promise<void> {
    const read = await readTokenKeys(db);
    const all = await Promise.all(
      read.map(async (row) => ({
        ...{ row, endsMs: endsAt(row, read)?.getTime() ?? Number.POSITIVE_INFINITY },
        ...(await open(row)),
      })),
    );
    rows = read;
    byId = new Map(all.map((held) => [held.key.keyId, held]));
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

  await read();
  await tend(clock());
  return {
    read,
    tend,
    async signing(now) {
      if (!signingKey(rows, now)) await tend(now);
      const row = present(signingKey(rows, now), "a token key that may sign");
      return (await open(row)).key;
    },
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

const KEPT: readonly string[] = ["standby", "signing", "retiring"];
