import { UnauthenticatedError } from "../kernel/errors.ts";
import { createContext } from "./create-context.ts";
import { errorResponse } from "./error-response.ts";
import { guardRequest } from "./guard-request.ts";
import type { Runtime } from "./runtime.ts";

/** `/api/events`: what changes, as server-sent events, for as long as the session lasts. */
export async function answerEvents(runtime: Runtime, request: Request, now: Date): Promise<Response> {
  try {
    guardRequest(request, runtime.env.publicUrl);
    const { session } = await createContext(runtime, request.headers, now);
    if (!session) throw new UnauthenticatedError("not_signed_in", "Sign in to follow what happens.");
    return runtime.live.open(session, request.headers.get("last-event-id"));
  } catch (error) {
    return errorResponse(error, "events");
  }
}
