import type { ScopePolicy } from "../policy-schema.ts";
import type { PolicyPatch } from "../proposal-schema.ts";

type Named<Key extends string> = Record<Key, string>;

/**
 * A policy with a patch laid over it: what the patch names is put in or taken out, everything else stays. The
 * result is not yet known to be a valid policy.
 *
 * @throws nothing: taking out what is not there changes nothing.
 */
export function patchPolicy(base: ScopePolicy, patch: PolicyPatch): Record<string, unknown> {
  return {
    ...base,
    ...patch.set,
    scopes: merge("scope", base.scopes, patch.scopes),
    approverGroups: merge("name", base.approverGroups, patch.approverGroups),
  };
}

function merge<Key extends string>(
  key: Key,
  base: readonly Named<Key>[],
  changes: { put?: readonly Named<Key>[] | undefined; remove?: readonly string[] | undefined } = {},
): Named<Key>[] {
  const { put = [], remove = [] } = changes;
  const kept = base
    .filter((it) => !remove.includes(it[key]))
    .map((it) => put.find((other) => other[key] === it[key]) ?? it);
  return [...kept, ...put.filter((it) => !base.some((other) => other[key] === it[key]))];
}
