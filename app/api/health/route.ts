import { readHealth } from "#server/flows/read-health.ts";
import { getRuntime } from "#server/trpc/runtime.ts";

export const dynamic = "force-dynamic";

export async function GET() {
  const health = await readHealth(getRuntime().db, new Date());
  return Response.json(health, {
    status: health.status === "ready" ? 200 : 503,
    headers: { "cache-control": "no-store" },
  });
}
