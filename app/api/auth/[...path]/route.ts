import { answerAuth } from "#server/trpc/answer-auth.ts";
import { getRuntime } from "#server/trpc/runtime.ts";

const handle = (request: Request) => answerAuth(getRuntime(), request, new Date());

export { handle as GET, handle as POST };
