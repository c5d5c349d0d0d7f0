/** A key signs for this long, then the next does. */
export const TOKEN_KEY_LIFE_MS = 30 * 86_400_000;
/** In calm a key is published at least this long before it signs, so that whoever keeps a copy of the keys has it. */
export const TOKEN_KEY_AHEAD_MS = 86_400_000;
/** After its last token a key stays for that token's hour at most, and two minutes for clocks that differ. */
export const TOKEN_KEY_AFTER_MS = 3_600_000 + 120_000;

/** A token key as far as its life goes: everything follows from these instants, the same at every gateway. */
export type TokenKeyFacts = {
  generation: number;
  publishedAt: Date;
  signsFrom: Date;
  taintedAt: Date | null;
  activatedAt: Date | null;
  retiredAt: Date | null;
};
export type TokenKeyPhase = "standby" | "signing" | "retiring" | "retired" | "tainted";
export type TokenKeyStep =
  | { step: "publish"; generation: number; signsFrom: Date }
  | { step: "activate"; generation: number }
  | { step: "retire"; generation: number };

/**
 * The key that signs now: the newest whose time has come, or, for a clock that is behind all of them, the one that
 * comes first. Tainted keys never sign, and none signs again once another has followed it.
 */
export function signingKey<Key extends TokenKeyFacts>(keys: readonly Key[], now: Date): Key | null {
  const sound = keys
    .filter((key) => key.taintedAt === null && followersOf(key, keys).every((it) => it.signsFrom > now))
    .sort((a, b) => a.generation - b.generation);
  return sound.filter((key) => key.signsFrom <= now).at(-1) ?? sound[0] ?? null;
}

/** When what a key signed counts for nothing any more; null while no other is known to follow it. */
export function endsAt(key: TokenKeyFacts, keys: readonly TokenKeyFacts[]): Date | null {
  if (key.taintedAt) return key.taintedAt;
  const followed = followersOf(key, keys).map((it) => it.signsFrom.getTime());
  return followed.length > 0 ? new Date(Math.min(...followed) + TOKEN_KEY_AFTER_MS) : null;
}

/** Those that take over from a key: a standby that was tainted before its time never did. */
function followersOf(key: TokenKeyFacts, keys: readonly TokenKeyFacts[]): TokenKeyFacts[] {
  return keys.filter(
    (it) => it.generation > key.generation && (it.taintedAt === null || it.taintedAt > it.signsFrom),
  );
}

/** Where a key stands. Of the keys of an installation one signs, one stands by, and the one before retires. */
export function tokenKeyPhase(key: TokenKeyFacts, keys: readonly TokenKeyFacts[], now: Date): TokenKeyPhase {
  if (key.taintedAt) return "tainted";
  const end = endsAt(key, keys);
  if (end && end <= now) return "retired";
  if (signingKey(keys, now)?.generation === key.generation) return "signing";
  return key.signsFrom > now ? "standby" : "retiring";
}

/**
 * What is due now. There is always a next key, published long before its time, so that an emergency finds one that
 * everybody knows; where none is left that may sign, one that signs at once.
 */
export function tokenKeySteps(keys: readonly TokenKeyFacts[], now: Date): TokenKeyStep[] {
  const phases = keys.map((key) => ({ key, phase: tokenKeyPhase(key, keys, now) }));
  const steps = phases.flatMap(({ key: { generation, activatedAt, retiredAt }, phase }): TokenKeyStep[] => {
    if (phase === "retired" && retiredAt === null) return [{ step: "retire", generation }];
    return phase === "signing" && activatedAt === null ? [{ step: "activate", generation }] : [];
  });
  const generation = Math.max(0, ...keys.map((key) => key.generation)) + 1;
  const signing = signingKey(keys, now);
  if (!signing) return [...steps, { step: "publish", generation, signsFrom: now }];
  if (phases.some(({ phase }) => phase === "standby")) return steps;
  const inTurnMs = Math.max(
    signing.signsFrom.getTime() + TOKEN_KEY_LIFE_MS,
    now.getTime() + TOKEN_KEY_AHEAD_MS,
  );
  return [...steps, { step: "publish", generation, signsFrom: new Date(inTurnMs) }];
}

/**
 * What an emergency does: which keys are tainted now, and which signs from now on. `promoted` is null where no sound
 * key is left: then a gateway makes one at once.
 */
export function emergencyRotation<Key extends TokenKeyFacts>(
  keys: readonly Key[],
  doubt: "signing-key" | "all-keys",
  now: Date,
): { tainted: Key[]; promoted: Key | null } {
  const signing = signingKey(keys, now);
  const sound = keys.filter((key) => key.taintedAt === null && key.retiredAt === null);
  const tainted = sound.filter((key) => doubt === "all-keys" || key.generation === signing?.generation);
  const next = sound.filter((key) => !tainted.includes(key) && key.signsFrom > now);
  return { tainted, promoted: next.sort((a, b) => a.generation - b.generation)[0] ?? null };
}
