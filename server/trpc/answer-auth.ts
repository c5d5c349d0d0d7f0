import { signIn, signInInput } from "../access/sign-in.ts";
import { signOut } from "../access/sign-out.ts";
import { NotFoundError } from "../kernel/errors.ts";
import { callerIp } from "./caller-ip.ts";
import { createContext } from "./create-context.ts";
import { errorResponse } from "./error-response.ts";
import { guardRequest, readJson } from "./guard-request.ts";
import { verbContext } from "./procedure.ts";
import type { Runtime } from "./runtime.ts";

const CREDENTIALS_BYTES_MAX = 4_096;

/** `/api/auth/*`: signing in and out, and who is in. Nothing else of the sign-in library is reachable. */
export async function answerAuth(runtime: Runtime, request: Request, now: Date): Promise<Response> {
  const path = new URL(request.url).pathname.replace(/^\/api\/auth/, "");
  try {
    guardRequest(request, runtime.env.publicUrl);
    if (request.method === "POST" && path === "/sign-in/email")
      return await answerSignIn(runtime, request, now);
    if (request.method === "POST" && path === "/sign-out") return await answerSignOut(runtime, request, now);
    if (request.method === "GET" && path === "/get-session")
      return await answerSession(runtime, request, now);
    throw new NotFoundError(
      "no_such_call",
      "There is no such call. Sign in with POST /api/auth/sign-in/email.",
    );
  } catch (error) {
    return errorResponse(error, `auth${path}`);
  }
}

async function answerSignIn(runtime: Runtime, request: Request, now: Date): Promise<Response> {
  const input = signInInput.parse(await readJson(request, CREDENTIALS_BYTES_MAX));
  const { db, env } = runtime;
  const answer = await signIn(
    {
      db,
      env,
      secret: await runtime.authSecret(),
      now,
      clientIp: callerIp(request.headers, env.trustedProxies),
      userAgent: request.headers.get("user-agent"),
    },
    input,
  );
  const { user } = (await answer.json()) as { user: { id: string; name: string; email: string } };
  return withCookies(Response.json({ user: { id: user.id, name: user.name, email: user.email } }), answer);
}

/** Whatever becomes of the session's row, the browser forgets its cookie and what it kept of the console. */
async function answerSignOut(runtime: Runtime, request: Request, now: Date): Promise<Response> {
  const context = await createContext(runtime, request.headers, now);
  const { actor } = context;
  if (actor?.sessionId) await signOut(verbContext({ ...context, actor }));
  const auth = await runtime.auth();
  const { name, attributes } = (await auth.$context).authCookies.sessionToken;
  const response = Response.json({ success: true });
  const secure = attributes.secure ? "; Secure" : "";
  response.headers.append("set-cookie", `${name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0${secure}`);
  response.headers.set("clear-site-data", '"cache", "storage"');
  return noStore(response);
}

async function answerSession(runtime: Runtime, request: Request, now: Date): Promise<Response> {
  const { actor, session } = await createContext(runtime, request.headers, now);
  if (!actor || !session) return noStore(Response.json(null));
  const user = { id: actor.id, email: actor.email, name: session.userName, roles: actor.roles };
  return noStore(Response.json({ user, session: { expiresAt: session.expiresAt } }));
}

function withCookies(response: Response, from: Response): Response {
  for (const cookie of from.headers.getSetCookie()) response.headers.append("set-cookie", cookie);
  return noStore(response);
}

function noStore(response: Response): Response {
  response.headers.set("cache-control", "no-store");
  return response;
}
