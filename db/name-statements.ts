import { createHash } from "node:crypto";
import pg from "pg";

/** A statement that comes this often is planned once for each connection, and not each time. */
const SEEN_MIN = 8;
/** Texts that differ by the length of their lists must fill neither our memory nor the server's. */
const NAMED_MAX = 200;
const COUNTED_MAX = 2_000;

/** Which statements of a process have a name, by how often they came. */
export function createNames(): (text: string) => string | undefined {
  const names = new Map<string, string>();
  const seen = new Map<string, number>();
  return (text) => {
    const name = names.get(text);
    if (name || names.size >= NAMED_MAX) return name;
    const times = (seen.get(text) ?? 0) + 1;
    if (times < SEEN_MIN) {
      if (seen.size >= COUNTED_MAX) seen.clear();
      seen.set(text, times);
      return undefined;
    }
    seen.delete(text);
    const made = `s-${createHash("sha256").update(text).digest("hex").slice(0, 24)}`;
    names.set(text, made);
    return made;
  };
}

/**
 * A client that names the statements with parameters that come often, so that PostgreSQL keeps their plans: on a path
 * of many small ones, planning is half of its work.
 */
export function namingClient(): typeof pg.Client {
  const nameOf = createNames();
  return class NamingClient extends pg.Client {
    // The driver's own overloads; what is added is a name.
    override query(...[config, values, ...rest]: unknown[]): never {
      const query = super.query as (...args: unknown[]) => never;
      const asked = config as { text?: unknown; name?: string } | null;
      const isPlain = asked !== null && typeof asked === "object" && !("submit" in asked);
      if (!isPlain || typeof asked.text !== "string" || asked.name || !hasSome(values))
        return query.call(this, config, values, ...rest);
      const name = nameOf(asked.text);
      return query.call(this, name ? { ...asked, name } : asked, values, ...rest);
    }
  } as unknown as typeof pg.Client;
}

const hasSome = (values: unknown) => Array.isArray(values) && values.length > 0;
