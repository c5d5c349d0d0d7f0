import { generateOpenApiDocument } from "trpc-to-openapi";
import { REST_ROOT } from "./answer-rest.ts";
import { appRouter } from "./root.ts";

let made: { baseUrl: string; document: ReturnType<typeof generateOpenApiDocument> } | null = null;

/** The OpenAPI document of `/api/v1`, generated from the procedures themselves. */
export function openApiDocument(publicUrl: string): ReturnType<typeof generateOpenApiDocument> {
  const baseUrl = `${publicUrl.replace(/\/$/, "")}${REST_ROOT}`;
  if (made?.baseUrl === baseUrl) return made.document;
  const document = generateOpenApiDocument(appRouter, {
    title: "Vigil",
    description:
      "The security operations console for a bank's AI agents. Authenticate with a session cookie or an API key as a Bearer token. Errors are `{code, message, facts}` with a stable code.",
    version: "1",
    baseUrl,
    securitySchemes: {
      apiKey: { type: "http", scheme: "bearer" },
      session: { type: "apiKey", in: "cookie", name: "vigil_session" },
    },
  });
  made = { baseUrl, document };
  return document;
}
