import { answerRest } from "#server/trpc/rest/answer-rest.ts";
import { getRuntime } from "#server/trpc/runtime.ts";

const handle = (request: Request) => answerRest(getRuntime(), request, new Date());

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST, handle as PUT };
