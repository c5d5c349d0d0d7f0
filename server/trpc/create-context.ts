import { bearerToken, readApiKey } from "../access/read-api-key.ts";
import { readSession } from "../access/read-session.ts";
import { callerIp } from "./caller-ip.ts";
import type { Context } from "./context.ts";
import type { Runtime } from "./runtime.ts";

/**
 * Who calls, over a session cookie or an API key, and when. A Bearer token alone decides where there is one: a
 * wrong key is nobody, whatever cookie comes with it.
 */
export async function createContext(runtime: Runtime, headers: Headers, now: Date): Promise<Context> {
  const { db, env } = runtime;
  const base = { db, env, now, clientIp: callerIp(headers, env.trustedProxies) };
  const token = bearerToken(headers);
  if (token !== null) return { ...base, actor: await readApiKey(db, token, now), session: null };
  const found = headers.get("cookie") ? await readSession(await runtime.auth(), db, headers, now) : null;
  return { ...base, actor: found?.actor ?? null, session: found?.session ?? null };
}
