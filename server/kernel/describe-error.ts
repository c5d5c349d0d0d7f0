const MESSAGE_CHARS_MAX = 500;
const CAUSES_MAX = 4;

type Described = {
  type: string;
  message?: string;
  code?: string;
  constraint?: string;
  query?: string;
  at?: string[];
};

/**
 * What the log may hold of an unforeseen error, by name: never a query's parameters or a row's values, which
 * hold secrets and customers' data, and which drivers write into messages and details.
 */
export function describeError(error: unknown): Described[] {
  const described: Described[] = [];
  for (let at = error; at instanceof Error && described.length < CAUSES_MAX; at = at.cause) {
    const { code, constraint, query } = at as { code?: unknown; constraint?: unknown; query?: unknown };
    const ofQuery = typeof query === "string";
    described.push({
      type: at.name,
      ...(ofQuery ? { query } : { message: at.message.slice(0, MESSAGE_CHARS_MAX) }),
      ...(typeof code === "string" ? { code } : {}),
      ...(typeof constraint === "string" ? { constraint } : {}),
      at: frames(at.stack),
    });
  }
  return described.length > 0 ? described : [{ type: typeof error }];
}

/** The stack without the message that precedes it. */
function frames(stack: string | undefined): string[] {
  return (stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) => line.trim());
}
