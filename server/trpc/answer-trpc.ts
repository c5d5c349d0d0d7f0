import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { createContext } from "./create-context.ts";
import { errorResponse } from "./error-response.ts";
import { boundedRequest, guardRequest } from "./guard-request.ts";
import { appRouter } from "./root.ts";
import type { Runtime } from "./runtime.ts";

const BATCH_MAX = 10;

/** `/api/trpc/*`: the console's own pages. Same-origin JSON only, few calls in one request. */
export async function answerTrpc(runtime: Runtime, request: Request, now: Date): Promise<Response> {
  try {
    guardRequest(request, runtime.env.publicUrl);
    const context = await createContext(runtime, request.headers, now);
    const response = await fetchRequestHandler({
      endpoint: "/api/trpc",
      req: await boundedRequest(request),
      router: appRouter,
      createContext: () => context,
      maxBatchSize: BATCH_MAX,
    });
    response.headers.set("cache-control", "no-store");
    return response;
  } catch (error) {
    return errorResponse(error, "trpc");
  }
}
