import { ForbiddenError, InvalidInputError, VigilError } from "../kernel/errors.ts";

export const BODY_BYTES_MAX = 1_000_000;

type Headed = { method: string; headers: Headers };

/**
 * Refuses what a browser would send on another site's behalf (cross-site request forgery). What changes
 * something is JSON, which no form can send; Sec-Fetch-Site and Origin, where a browser sends them, must name
 * this console. Scripts send neither header and no cookie that a site could abuse.
 *
 * @throws ForbiddenError `cross_site`; VigilError `json_only` (415).
 */
export function guardRequest(request: Headed, publicUrl: string): void {
  const { method, headers } = request;
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  const safe = method === "GET" || method === "HEAD";
  const navigation = safe && headers.get("sec-fetch-mode") === "navigate";
  if (site && site !== "same-origin" && site !== "none" && !navigation) throw crossSite();
  if (origin && !isOwnOrigin(origin, headers.get("host"), publicUrl)) throw crossSite();
  if (safe) return;
  if (site === "none") throw crossSite();
  if (method === "DELETE") return;
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json")
    throw new VigilError("json_only", 415, "Send the body as application/json.", {
      contentType: type ?? null,
    });
}

/** The console's origin, or the very host that was asked: a page cannot choose the Host of another origin's call. */
function isOwnOrigin(origin: string, host: string | null, publicUrl: string): boolean {
  if (origin === new URL(publicUrl).origin) return true;
  return URL.canParse(origin) && host !== null && new URL(origin).host === host;
}

function crossSite(): ForbiddenError {
  return new ForbiddenError("cross_site", "This call came from another site and is refused.");
}

/**
 * The body, read up to a limit whatever its length header says.
 *
 * @throws VigilError `body_too_large` (413).
 */
export async function readBody(request: Request, bytesMax = BODY_BYTES_MAX): Promise<string> {
  return (await readBytes(request, bytesMax)).toString("utf8");
}

/** The body's bytes as they came, read up to a limit. @throws VigilError `body_too_large` (413). */
export async function readBytes(request: Request, bytesMax: number): Promise<Buffer> {
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) throw tooLarge(bytesMax);
  if (!request.body) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body as JSON. @throws InvalidInputError `not_json`; VigilError `body_too_large` (413). */
export async function readJson(request: Request, bytesMax = BODY_BYTES_MAX): Promise<unknown> {
  const text = await readBody(request, bytesMax);
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidInputError("not_json", "The body is not JSON.");
  }
}

/** The same request with its body read within the limit, for handlers that read it themselves. */
export async function boundedRequest(request: Request): Promise<Request> {
  if (request.method === "GET" || request.method === "HEAD") return request;
  const body = await readBody(request);
  return new Request(request.url, { method: request.method, headers: request.headers, body });
}

function tooLarge(bytesMax: number): VigilError {
  return new VigilError("body_too_large", 413, `The body is larger than ${bytesMax} bytes.`, { bytesMax });
}
