import type { PolicyChange } from "../change-schema.ts";
import type { ScopePolicy } from "../policy-schema.ts";
import { type Claims, claimsOf, coverageJudge } from "./compare-coverage.ts";
import { diffScope } from "./diff-scope.ts";
import {
  change,
  type Judgement,
  listChanges,
  loosens,
  moreLoosens,
  neutral,
  same,
  tightens,
} from "./judge-change.ts";

type Differ = (before: ScopePolicy, after: ScopePolicy) => PolicyChange[];

/** Each part of a policy and how two of it are compared, in the order in which people read it. */
const DIFFERS: { [Key in keyof Omit<ScopePolicy, "version">]: Differ } = {
  scopes: (before, after) => [...diffScopes(before, after), ...diffActions(before, after)],
  approverGroups: diffGroups,
  breakGlass: diffBreakGlass,
  mediumTrustAbove: number("mediumTrustAbove", "the trust that MEDIUM scopes need is", (was, is) =>
    is > was ? tightens("Agents need more trust.") : loosens("Agents need less trust."),
  ),
  tokenSecondsMax: number("tokenSecondsMax", "the longest life of a token is, in seconds,", (was, is) =>
    moreLoosens(was, is, "Tokens live longer.", "Tokens live shorter."),
  ),
  approvalOpenSeconds: number("approvalOpenSeconds", "a request stays open for, in seconds,", (was, is) =>
    moreLoosens(was, is, "A request can be approved for longer.", "A request can be approved for less time."),
  ),
  reaskAfterSeconds: number(
    "reaskAfterSeconds",
    "after a denial an agent asks anew after, in seconds,",
    (was, is) => (is > was ? tightens("Agents ask again later.") : loosens("Agents ask again sooner.")),
  ),
  clientAuth: (before, after) =>
    listed(before.clientAuth, after.clientAuth, "clientAuth", {
      said: (method, verb) =>
        `Agents may ${verb === "added" ? "now" : "no longer"} prove themselves by ${method}.`,
      added: "Another way of proving oneself counts.",
      removed: "A way of proving oneself no longer counts.",
    }),
};

/**
 * Everything in which two policies differ, apart from their version and the order of scopes, each change with
 * which way it goes and why. What no rule judges is a loosening: a reader is warned once too often rather than
 * once too little.
 */
export function diffPolicies(before: ScopePolicy, after: ScopePolicy): PolicyChange[] {
  const names = new Set([...Object.keys(DIFFERS), ...Object.keys(before), ...Object.keys(after)]);
  names.delete("version");
  return [...names].flatMap((name) => {
    const differ = (DIFFERS as Record<string, Differ | undefined>)[name];
    if (differ) return differ(before, after);
    const was = (before as Record<string, unknown>)[name];
    const is = (after as Record<string, unknown>)[name];
    if (same(was, is)) return [];
    const unknown = loosens("No rule says which way this goes, so it counts as loosening.");
    return [change({ path: name, said: `${name} changes.`, before: was, after: is }, unknown)];
  });
}

function diffScopes(before: ScopePolicy, after: ScopePolicy): PolicyChange[] {
  const was = new Map(before.scopes.map((rule) => [rule.scope, rule]));
  const is = new Map(after.scopes.map((rule) => [rule.scope, rule]));
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((scope) => {
    const [old, young] = [was.get(scope), is.get(scope)];
    if (old && young) return diffScope(old, young);
    const path = `scopes/${scope}`;
    if (!young) {
      const gone = { path, said: `${scope} is no longer there.`, before: old ?? null, after: null };
      return [change(gone, tightens("Nobody can be given the scope any more."))];
    }
    const said = `${scope} (${young.risk}, ${young.group}) is new.`;
    return [
      change(
        { path, said, before: null, after: young },
        loosens("Agents can be given a scope that was not there."),
      ),
    ];
  });
}

/** Patterns that come, go, or move to another scope; a scope's own name only where it falls to a laxer one. */
function diffActions(before: ScopePolicy, after: ScopePolicy): PolicyChange[] {
  const [was, is] = [claimsOf(before), claimsOf(after)];
  const scopeIn = (claims: Claims, pattern: string) => claims.get(pattern)?.scope ?? null;
  const changing = [...new Set([...was.keys(), ...is.keys()])].filter(
    (pattern) => scopeIn(was, pattern) !== scopeIn(is, pattern),
  );
  const judge = coverageJudge(was, is);
  return changing.flatMap((pattern) => {
    const [from, to] = [scopeIn(was, pattern), scopeIn(is, pattern)];
    if (to === pattern && from === null) return [];
    const judged = judge(pattern);
    const ownName = from === pattern && to === null;
    if (ownName && judged.effect !== "loosens") return [];
    const said = ownName
      ? `The action that is named ${pattern} is another scope's now.`
      : from === null
        ? `${to} takes ${pattern}.`
        : to === null
          ? `${from} gives up ${pattern}.`
          : `${pattern} moves from ${from} to ${to}.`;
    return [change({ path: `actions/${pattern}`, said, before: from, after: to }, judged)];
  });
}

function diffGroups(before: ScopePolicy, after: ScopePolicy): PolicyChange[] {
  const was = new Map(before.approverGroups.map((group) => [group.name, group]));
  const is = new Map(after.approverGroups.map((group) => [group.name, group]));
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((name) => {
    const [old, young] = [was.get(name), is.get(name)];
    const path = `approverGroups/${name}`;
    const members = listed(old?.members ?? [], young?.members ?? [], `${path}/members`, {
      said: (_, verb) => `A member is ${verb === "added" ? "added to" : "taken out of"} the group ${name}.`,
      added: "One more person may decide.",
      removed: "One person fewer may decide.",
      people: true,
    });
    if (old && young && old.title === young.title) return members;
    const said = !old
      ? `The group ${name} (“${young?.title}”) is new.`
      : !young
        ? `The group ${name} is no longer there.`
        : `The group ${name} is called “${young.title}” now; it was “${old.title}”.`;
    const what = { path: old && young ? `${path}/title` : path, said };
    const values = { before: old?.title ?? null, after: young?.title ?? null };
    return [
      change({ ...what, ...values }, neutral("A group decides only where a step names it.")),
      ...members,
    ];
  });
}

function diffBreakGlass(before: ScopePolicy, after: ScopePolicy): PolicyChange[] {
  const [was, is] = [before.breakGlass, after.breakGlass];
  const times = (["secondsMax", "reviewWithinSeconds"] as const).flatMap((name) => {
    if (was[name] === is[name]) return [];
    const what = name === "secondsMax" ? "lives for at most" : "is reviewed within";
    const said = `A grant of a broken glass ${what} ${is[name]} s; it was ${was[name]} s.`;
    const judged = moreLoosens(was[name], is[name], "More time is given.", "Less time is given.");
    return [change({ path: `breakGlass/${name}`, said, before: was[name], after: is[name] }, judged)];
  });
  const people = listed(was.people, is.people, "breakGlass/people", {
    said: (_, verb) => `Somebody may ${verb === "added" ? "now" : "no longer"} break glass.`,
    added: "One more person may give a scope alone.",
    removed: "One person fewer may give a scope alone.",
    people: true,
  });
  return [...people, ...times];
}

function number(
  name: "mediumTrustAbove" | "tokenSecondsMax" | "approvalOpenSeconds" | "reaskAfterSeconds",
  said: string,
  judge: (before: number, after: number) => Judgement,
): Differ {
  return (before, after) => {
    const [was, is] = [before[name], after[name]];
    if (was === is) return [];
    const sentence = `${said[0]?.toUpperCase()}${said.slice(1)} ${is}; it was ${was}.`;
    return [change({ path: name, said: sentence, before: was, after: is }, judge(was, is))];
  };
}

function listed(
  before: readonly string[],
  after: readonly string[],
  path: string,
  words: {
    said: (entry: string, verb: "added" | "removed") => string;
    added: string;
    removed: string;
    people?: true;
  },
): PolicyChange[] {
  const { added, removed } = listChanges(before, after);
  const account = (id: string) => (words.people ? { account: id } : {});
  return [
    ...added.map((id) =>
      change(
        { path: `${path}/${id}`, said: words.said(id, "added"), before: null, after: id, ...account(id) },
        loosens(words.added),
      ),
    ),
    ...removed.map((id) =>
      change(
        { path: `${path}/${id}`, said: words.said(id, "removed"), before: id, after: null, ...account(id) },
        tightens(words.removed),
      ),
    ),
  ];
}
