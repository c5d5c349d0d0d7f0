import { answerTrpc } from "#server/trpc/answer-trpc.ts";
import { getRuntime } from "#server/trpc/runtime.ts";

const handle = (request: Request) => answerTrpc(getRuntime(), request, new Date());

export { handle as GET, handle as POST };
