import type { Database, Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { present } from "../../kernel/ensure.ts";
import type { KeyStore } from "../../keys/key-store.ts";
import { appendRecord } from "../audit/append.ts";
import { type TokenKeyStep, tokenKeySteps } from "./engine/token-key-life.ts";
import { insertTokenKey, noteTokenKey, readTokenKeys, tokenKeyName } from "./token-key-store.ts";

const ACTOR = { type: "system", id: "token-keys" } as const;

/**
 * Takes the steps that are due in the token keys' lives: publishes the next key, writes down which began to sign and
 * which is over. Called by gateways, which alone can make and open these keys; of several at once one takes each step.
 *
 * @returns how many steps were taken.
 */
export async function tendTokenKeys(db: Database, keys: KeyStore, now: Date): Promise<number> {
  let taken = 0;
  for (const step of tokenKeySteps(await readTokenKeys(db), now))
    if (step.step === "publish") taken += Number(await publish(db, keys, step, now));
    else taken += Number(await db.transaction((tx) => note(tx, step, now)));
  return taken;
}

async function publish(
  db: Database,
  keys: KeyStore,
  { generation, signsFrom }: Extract<TokenKeyStep, { step: "publish" }>,
  now: Date,
): Promise<boolean> {
  const { keyId, publicJwk } = await keys.openOrCreate(tokenKeyName(generation), "EdDSA", now);
  return db.transaction(async (tx) => {
    const row = { generation, keyId, publicJwk: present(publicJwk, "public part of a token key") };
    if (!(await insertTokenKey(tx, { ...row, publishedAt: now, signsFrom }))) return false;
    await appendRecord(tx, {
      kind: "token-key.published",
      actor: ACTOR,
      now,
      details: { generation, keyId, signsFrom: signsFrom.toISOString() },
    });
    await notify(tx, "token", "keys");
    return true;
  });
}

async function note(
  tx: Tx,
  { step, generation }: Exclude<TokenKeyStep, { step: "publish" }>,
  now: Date,
): Promise<boolean> {
  const activates = step === "activate";
  if (!(await noteTokenKey(tx, generation, activates ? "activatedAt" : "retiredAt", now))) return false;
  await appendRecord(tx, {
    kind: activates ? "token-key.activated" : "token-key.retired",
    actor: ACTOR,
    now,
    details: { generation },
  });
  await notify(tx, "token", "keys");
  return true;
}
