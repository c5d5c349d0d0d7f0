import { answerHook } from "#server/trpc/answer-hook.ts";
import { getRuntime } from "#server/trpc/runtime.ts";

export const dynamic = "force-dynamic";

export async function POST(request: Request, { params }: { params: Promise<{ source: string }> }) {
  return answerHook(getRuntime(), (await params).source, request, new Date());
}
