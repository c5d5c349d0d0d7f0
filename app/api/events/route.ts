import { answerEvents } from "#server/trpc/answer-events.ts";
import { getRuntime } from "#server/trpc/runtime.ts";

export const dynamic = "force-dynamic";

export const GET = (request: Request) => answerEvents(getRuntime(), request, new Date());
