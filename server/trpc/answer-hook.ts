import { authenticateHook } from "../flows/authenticate-hook.ts";
import { takeSignals } from "../flows/take-signals.ts";
import type { Actor } from "../kernel/actor.ts";
import { VigilError } from "../kernel/errors.ts";
import { createKeyStore } from "../keys/key-store.ts";
import { roleKekFromEnv } from "../keys/role-kek.ts";
import { SIGNAL_LIMITS } from "../layers/monitoring/signal-schema.ts";
import { callerIp } from "./caller-ip.ts";
import { errorResponse } from "./error-response.ts";
import { readBytes } from "./guard-request.ts";
import type { Runtime } from "./runtime.ts";

/**
 * `POST /api/hooks/<source>`: what another system saw, under its secret or signature. No cookie counts here, so that no
 * page can send in somebody's name.
 */
export async function answerHook(
  runtime: Runtime,
  name: string,
  request: Request,
  now: Date,
): Promise<Response> {
  const { db, env } = runtime;
  try {
    const body = await readBytes(request, SIGNAL_LIMITS.bodyBytesMax);
    const sourceIp = callerIp(request.headers, env.trustedProxies) ?? "unknown";
    const keys = createKeyStore(db, "console", roleKekFromEnv(env, "console"));
    const { source, messageId } = await authenticateHook(
      { db, keys, now },
      { name, headers: request.headers, body, sourceIp },
    );
    const actor: Actor = { type: "system", id: `signal-source:${source.name}` };
    const taken = await takeSignals({ db, actor, now }, source, { body, messageId, sourceIp });
    return Response.json(taken, { headers: { "cache-control": "no-store" } });
  } catch (error) {
    const answer = errorResponse(error, "hooks");
    const seconds = error instanceof VigilError ? error.facts.retryAfterSeconds : undefined;
    if (typeof seconds === "number") answer.headers.set("retry-after", String(seconds));
    return answer;
  }
}
