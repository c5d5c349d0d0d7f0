import { openApiDocument } from "#server/trpc/rest/openapi-document.ts";
import { getRuntime } from "#server/trpc/runtime.ts";

export const dynamic = "force-dynamic";

export const GET = () => Response.json(openApiDocument(getRuntime().env.publicUrl));
