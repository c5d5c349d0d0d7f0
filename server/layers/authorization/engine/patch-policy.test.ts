import fc from "fast-check";
import { expect, it } from "vitest";
import { DEFAULT_POLICY } from "../default-policy.ts";
import { scopePolicy } from "../policy-schema.ts";
import { anyPolicy } from "../testing/any-policy.ts";
import { diffPolicies } from "./diff-policies.ts";
import { endedScopes } from "./ended-scopes.ts";
import { patchPolicy } from "./patch-policy.ts";

const [first] = DEFAULT_POLICY.scopes;
const patched = (patch: Parameters<typeof patchPolicy>[1]) =>
  scopePolicy.parse(patchPolicy(DEFAULT_POLICY, patch));

it("an empty patch changes nothing", () => {
  fc.assert(
    fc.property(anyPolicy, (policy) => {
      expect(diffPolicies(policy, patchPolicy(policy, {}) as never)).toEqual([]);
    }),
  );
});

it("what is put replaces what has its name, in its place, or comes last", () => {
  const rule = { ...first, title: "Read" } as NonNullable<typeof first>;
  const other = { ...rule, scope: "new:scope", actions: ["new.*"] };
  const after = patched({ scopes: { put: [other, rule] } });
  expect(after.scopes[0]).toEqual(rule);
  expect(after.scopes.at(-1)).toEqual(other);
  expect(after.scopes).toHaveLength(DEFAULT_POLICY.scopes.length + 1);
});

it("what is removed is gone, and removing what is not there changes nothing", () => {
  const after = patched({ scopes: { remove: ["cloud:write", "no:such"] } });
  expect(after.scopes.map(({ scope }) => scope)).not.toContain("cloud:write");
  expect(after.scopes).toHaveLength(DEFAULT_POLICY.scopes.length - 1);
});

it("fields and groups are set beside what stays", () => {
  const desk = { name: "desk", title: "Desk", members: ["u1"] };
  const after = patched({ set: { mediumTrustAbove: 0.9 }, approverGroups: { put: [desk] } });
  expect(after).toEqual({ ...DEFAULT_POLICY, mediumTrustAbove: 0.9, approverGroups: [desk] });
});

it("a patch from any policy to any other's scopes and groups arrives there", () => {
  fc.assert(
    fc.property(anyPolicy, anyPolicy, (before, after) => {
      const { scopes, approverGroups, version: _, ...set } = after;
      const gone = (was: string[], is: string[]) => was.filter((name) => !is.includes(name));
      const names = (policy: typeof before) => policy.scopes.map(({ scope }) => scope);
      const groups = (policy: typeof before) => policy.approverGroups.map(({ name }) => name);
      const patch = {
        set,
        scopes: { put: scopes, remove: gone(names(before), names(after)) },
        approverGroups: { put: approverGroups, remove: gone(groups(before), groups(after)) },
      };
      expect(diffPolicies(after, scopePolicy.parse(patchPolicy(before, patch)))).toEqual([]);
    }),
  );
});

it("grants end where a scope goes, its risk rises or it needs an approval now, and nowhere else", () => {
  const change = (scope: string, as: object) =>
    endedScopes(DEFAULT_POLICY, {
      ...DEFAULT_POLICY,
      scopes: DEFAULT_POLICY.scopes.map((rule) => (rule.scope === scope ? { ...rule, ...as } : rule)),
    });
  expect(endedScopes(DEFAULT_POLICY, DEFAULT_POLICY)).toEqual([]);
  expect(change("batch:process", { risk: "HIGH" })).toEqual(["batch:process"]);
  expect(change("payments:execute", { risk: "MEDIUM", secondsMax: 60 })).toEqual([]);
  expect(change("cloud:read", { group: "elevated", secondsMax: 60 })).toEqual(["cloud:read"]);
  const scopes = DEFAULT_POLICY.scopes.filter(({ scope }) => scope !== "audit:temporary");
  expect(endedScopes(DEFAULT_POLICY, { ...DEFAULT_POLICY, scopes })).toEqual(["audit:temporary"]);
});
