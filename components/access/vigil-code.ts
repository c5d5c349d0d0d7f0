/** The stable code of an error that the server sent, or null: screens decide by it, never by the message. */
export function vigilCode(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("data" in error)) return null;
  const { data } = error as { data?: { vigil?: { code?: unknown } } | null };
  return typeof data?.vigil?.code === "string" ? data.vigil.code : null;
}
