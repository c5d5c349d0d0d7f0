import { NotFoundError, VigilError } from "../../kernel/errors.ts";
import { parseStrictJson } from "../../kernel/strict-json.ts";
import { createContext } from "../create-context.ts";
import { errorResponse } from "../error-response.ts";
import { guardRequest, readBody } from "../guard-request.ts";
import { createCaller } from "../root.ts";
import type { Runtime } from "../runtime.ts";
import { decodeJson, decodeTexts } from "./decode-input.ts";
import { type RestRoute, restRoutes } from "./routes.ts";

export const REST_ROOT = "/api/v1";

/** `/api/v1/*`: the procedures that name a method and a path, for a session or an API key. */
export async function answerRest(runtime: Runtime, request: Request, now: Date): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const path = pathname.slice(REST_ROOT.length);
  try {
    guardRequest(request, runtime.env.publicUrl);
    const { route, params } = findRoute(request.method, path);
    const context = await createContext(runtime, request.headers, now);
    const input = route.input ? await readInput(route, params, searchParams, request) : undefined;
    const answer = await callerOf(createCaller(context), route.procedure)(input);
    return Response.json(answer ?? null, { headers: { "cache-control": "no-store" } });
  } catch (error) {
    return errorResponse(error, `${request.method} ${path}`);
  }
}

/** @throws NotFoundError `no_such_call`; VigilError `method_not_allowed` (405). */
function findRoute(method: string, path: string): { route: RestRoute; params: string[] } {
  const fitting = restRoutes().filter((route) => route.pattern.test(path));
  const route = fitting.find((one) => one.method === method);
  if (route) return { route, params: (route.pattern.exec(path) ?? []).slice(1).map(decodePart) };
  if (fitting.length === 0)
    throw new NotFoundError("no_such_call", "There is no such call. All are listed in /api/openapi.json.");
  const allowed = fitting.map((one) => one.method).join(", ");
  throw new VigilError("method_not_allowed", 405, `This path takes ${allowed}.`, { allowed });
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Body or query, and the path's parts over both. */
async function readInput(
  route: RestRoute,
  params: string[],
  query: URLSearchParams,
  request: Request,
): Promise<unknown> {
  const named = new URLSearchParams(route.params.map((name, index) => [name, params[index] ?? ""]));
  const fromPath = decodeTexts(route.input, named);
  if (route.method === "GET" || route.method === "DELETE")
    return { ...decodeTexts(route.input, query), ...fromPath };
  const text = await readBody(request);
  const body = text === "" ? {} : decodeJson(route.input ?? undefined, parseStrictJson(text));
  return isObject(body) ? { ...body, ...fromPath } : body;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Call = (input: unknown) => Promise<unknown>;

function callerOf(caller: ReturnType<typeof createCaller>, procedure: string): Call {
  return procedure
    .split(".")
    .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], caller) as Call;
}
