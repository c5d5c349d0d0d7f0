import { hkdfSync } from "node:crypto";
import type { Env } from "../env.ts";
import { ensure } from "../kernel/ensure.ts";

/** A key is sealed for one role, and the other roles cannot open it. `root` is opened by the set-up alone. */
export type KeyRole = "gateway" | "worker" | "console" | "root";

/** The role's own part of the key-encryption key (HKDF-SHA-256, RFC 5869): the supervisor hands each process only its own. */
export function roleKek(kek: Buffer, role: KeyRole): Buffer {
  return Buffer.from(hkdfSync("sha256", kek, "", `vigil/key-encryption/${role}`, 32));
}

/** The key-encryption key this process has for its role, whole or part. */
export function roleKekFromEnv(env: Pick<Env, "kek" | "roleKek">, role: KeyRole): Buffer {
  const key = env.roleKek ?? (env.kek && roleKek(env.kek, role));
  ensure(key, "the process has a key-encryption key");
  return key;
}
