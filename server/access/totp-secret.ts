import type { Env } from "../env.ts";
import { roleKekFromEnv } from "../keys/role-kek.ts";
import { seal, unseal } from "../keys/seal.ts";

type Keys = Pick<Env, "kek" | "roleKek">;

/** A second factor's seed, sealed for the console alone and bound to its owner's row. */
export function sealTotpSecret(env: Keys, userId: string, secret: Buffer): string {
  return seal(roleKekFromEnv(env, "console"), context(userId), secret).toString("base64");
}

/** @throws VigilError `sealed_blob_unopenable` when the row was moved or changed. */
export function openTotpSecret(env: Keys, userId: string, sealed: string): Buffer {
  return unseal(roleKekFromEnv(env, "console"), context(userId), Buffer.from(sealed, "base64"));
}

function context(userId: string): string {
  return `two_factors/${userId}/secret`;
}
