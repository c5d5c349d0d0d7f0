export type PostAnswer = { ok: true; body: unknown } | { ok: false; code: string | null; message: string };

/** Posts JSON to one of the console's own doors and reads its answer; a failure keeps the server's words. */
export async function postJson(path: string, body: unknown): Promise<PostAnswer> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    return {
      ok: false,
      code: null,
      message: "The console does not answer. Check the connection and try again.",
    };
  }
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return { ok: true, body: answer };
  return { ok: false, ...refusal(answer, response.status) };
}

function refusal(answer: unknown, status: number): { code: string | null; message: string } {
  const outer = (answer ?? {}) as { error?: unknown };
  const told = (typeof outer.error === "object" && outer.error ? outer.error : outer) as {
    message?: unknown;
    code?: unknown;
  };
  return {
    code: typeof told.code === "string" ? told.code : null,
    message:
      typeof told.message === "string"
        ? told.message
        : `The console answered ${status}. Try again in a moment.`,
  };
}
