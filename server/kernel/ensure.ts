/**
 * States what must be true for the program itself to be right; input from outside is refused with a
 * typed error instead.
 *
 * @throws Error `invariant broken: …` when `condition` is falsy.
 */
export function ensure(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${invariant}`);
}

/** Returns `value`, which the caller knows to be there. @throws Error when it is null or undefined. */
export function present<T>(value: T | null | undefined, what: string): T {
  ensure(value !== null && value !== undefined, `${what} is present`);
  return value;
}
