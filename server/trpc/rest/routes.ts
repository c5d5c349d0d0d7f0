import type { ZodType } from "zod";
import { ensure } from "../../kernel/ensure.ts";
import { appRouter } from "../root.ts";
import type { RestMeta } from "./meta.ts";

export type RestRoute = Required<RestMeta>["openapi"] & {
  /** `agents.get` */
  procedure: string;
  /** Names in the path's braces, in order. */
  params: string[];
  pattern: RegExp;
  input: ZodType | null;
  output: ZodType | null;
};

type Definition = { _def: { type: string; meta?: RestMeta; inputs: ZodType[]; output?: ZodType } };

let made: RestRoute[] | null = null;

/** Every procedure that names a method and a path. Two with the same would be a mistake of ours, told at once. */
export function restRoutes(): RestRoute[] {
  made ??= makeRoutes();
  return made;
}

function makeRoutes(): RestRoute[] {
  const procedures = appRouter._def.procedures as unknown as Record<string, Definition>;
  const routes = Object.entries(procedures).flatMap(([procedure, { _def }]) => {
    const { openapi } = _def.meta ?? {};
    if (!openapi) return [];
    ensure(
      _def.type === "query" || openapi.method !== "GET",
      `${procedure} changes something, so it is no GET`,
    );
    const params = [...openapi.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
    const pattern = new RegExp(`^${openapi.path.replace(/\{\w+\}/g, "([^/]+)")}/?$`);
    const [input = null] = _def.inputs;
    return [{ ...openapi, procedure, params, pattern, input, output: _def.output ?? null }];
  });
  const keys = routes.map(({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, "{}")}`);
  ensure(new Set(keys).size === keys.length, "every REST route is one procedure's");
  return routes.sort((a, b) => a.params.length - b.params.length);
}
