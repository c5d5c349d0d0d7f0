import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { REST_ROOT } from "./answer-rest.ts";
import { shapeOf } from "./decode-input.ts";
import { type RestRoute, restRoutes } from "./routes.ts";

type Document = ReturnType<typeof createDocument>;

let made: { baseUrl: string; document: Document } | null = null;

const publicError = z.object({
  code: z.string().meta({ description: "Stable: decide by it." }),
  message: z.string().meta({ description: "What happened and what to do, for people." }),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** The OpenAPI document of `/api/v1`, made from the procedures themselves. */
export function openApiDocument(publicUrl: string): Document {
  const baseUrl = `${publicUrl.replace(/\/$/, "")}${REST_ROOT}`;
  if (made?.baseUrl === baseUrl) return made.document;
  const paths: ZodOpenApiPathsObject = {};
  for (const route of restRoutes())
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  const document = createDocument(
    {
      openapi: "3.1.0",
      info: {
        title: "Vigil",
        version: "1",
        description:
          "The security operations console for a bank's AI agents. Every error is `{code, message, facts}` with a stable code.",
      },
      servers: [{ url: baseUrl }],
      security: [{ apiKey: [] }, { session: [] }],
      components: {
        securitySchemes: {
          apiKey: { type: "http", scheme: "bearer", description: "An API key: vk_…" },
          session: { type: "apiKey", in: "cookie", name: "vigil_session" },
        },
      },
      paths,
    },
    { override: asSent, allowEmptySchema: { unknown: true, any: true, custom: true } },
  );
  made = { baseUrl, document };
  return document;
}

function operation(route: RestRoute): ZodOpenApiOperationObject {
  const shape = shapeOf(route.input) ?? {};
  const part = (inPath: boolean) =>
    z.object(
      Object.fromEntries(Object.entries(shape).filter(([name]) => route.params.includes(name) === inPath)),
    );
  const [path, rest] = [part(true), part(false)];
  const inQuery = route.method === "GET" || route.method === "DELETE";
  const hasRest = Object.keys(rest.shape).length > 0;
  const error = { content: { "application/json": { schema: publicError } } };
  return {
    operationId: route.procedure,
    tags: [route.procedure.split(".")[0] ?? ""],
    ...(route.summary ? { summary: route.summary } : {}),
    ...(route.description ? { description: route.description } : {}),
    requestParams: { path, ...(inQuery && hasRest ? { query: rest } : {}) },
    ...(!inQuery && hasRest ? { requestBody: { content: { "application/json": { schema: rest } } } } : {}),
    responses: {
      "200": {
        description: "Done",
        content: { "application/json": { schema: route.output ?? z.unknown() } },
      },
      "400": { description: "The input is malformed", ...error },
      "401": { description: "Not signed in, or a wrong API key", ...error },
      "403": { description: "Not permitted, or a second factor is needed", ...error },
      default: { description: "Any other error", ...error },
    },
  };
}

/** Dates travel as RFC 3339 text. */
function asSent({ jsonSchema, zodSchema }: { jsonSchema: object; zodSchema: z.core.$ZodTypes }): void {
  if (zodSchema._zod.def.type === "date") Object.assign(jsonSchema, { type: "string", format: "date-time" });
}
