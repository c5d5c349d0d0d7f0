import type { FastifyInstance } from "fastify";
import { NDJSON } from "../../flows/admit-action/read-actions.ts";
import { type Admission, type AdmissionReply, admitAction } from "../../flows/admit-action.ts";
import { ACTION_LIMITS } from "../../layers/monitoring/action.ts";
import { agentRequest } from "../agent-request.ts";
import { challengeOf } from "../challenge.ts";
import type { Presence } from "../presence.ts";
import type { Sockets } from "../track-sockets.ts";

/** `POST /v1/actions`: 1 to 1,000 signed actions, answered when their record is durable. */
export function actionRoutes(
  app: FastifyInstance,
  deps: {
    admission: Admission;
    sockets: Sockets;
    origins: ReadonlySet<string>;
    presence: Presence;
    clock: () => Date;
  },
): void {
  // The signature covers the bytes as they came: nothing parses them before it is checked.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(["application/json", NDJSON], { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  app.post("/v1/actions", { bodyLimit: ACTION_LIMITS.bodyBytesMax }, async (request, reply) => {
    const now = deps.clock();
    const told = await admitAction(deps.admission, agentRequest(request, deps), now);
    if (told.admittedFor) deps.presence.seen(told.admittedFor, now);
    if (told.retryAfterSeconds) reply.header("retry-after", told.retryAfterSeconds);
    const challenge = told.status >= 400 && challengeOf(refusalIn(told), request.headers.authorization);
    if (challenge) reply.header("www-authenticate", challenge);
    return reply.code(told.status).send(told.answer);
  });
}

function refusalIn({ status, answer }: AdmissionReply): { status: number; code: string; message: string } {
  const { code = "", message = "" } = (answer.error ?? {}) as { code?: string; message?: string };
  return { status, code, message };
}
