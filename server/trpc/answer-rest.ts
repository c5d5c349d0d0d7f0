import { createOpenApiFetchHandler } from "trpc-to-openapi";
import { createContext } from "./create-context.ts";
import { errorResponse, publicErrorResponse } from "./error-response.ts";
import type { PublicError } from "./errors.ts";
import { boundedRequest, guardRequest } from "./guard-request.ts";
import { appRouter } from "./root.ts";
import type { Runtime } from "./runtime.ts";

export const REST_ROOT = "/api/v1";

/** `/api/v1/*`: the procedures that name a method and a path, with a session or an API key. */
export async function answerRest(runtime: Runtime, request: Request, now: Date): Promise<Response> {
  try {
    guardRequest(request, runtime.env.publicUrl);
    const context = await createContext(runtime, request.headers, now);
    const response = await createOpenApiFetchHandler({
      endpoint: REST_ROOT,
      req: await boundedRequest(request),
      router: appRouter,
      createContext: () => context,
    });
    if (response.status >= 400) return await plainError(response);
    response.headers.set("cache-control", "no-store");
    return response;
  } catch (error) {
    return errorResponse(error, "rest");
  }
}

/** The adapter's error carries tRPC's wrapping; scripts get `{code, message, facts, issues?}` as everywhere. */
async function plainError(response: Response): Promise<Response> {
  const body = (await response.json()) as { message: string; code: string; data?: { vigil?: PublicError } };
  const error = body.data?.vigil ?? { code: body.code.toLowerCase(), message: body.message, facts: {} };
  return publicErrorResponse(error, response.status);
}
