type Path = readonly PropertyKey[];

/** The line, from 1 on, where a text first stands; null where it does not. */
export function lineOfText(text: string, wanted: string): number | null {
  const at = text.indexOf(wanted);
  return at < 0 ? null : lineAt(text, at);
}

/**
 * The line, from 1 on, of the value at a path of a JSON text, or of the nearest above it that is there.
 *
 * @param text valid JSON.
 */
export function lineOfPath(text: string, path: Path): number {
  return lineAt(text, find(text, skipSpace(text, 0), path));
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}

/** Where the value at the path begins, seen from the value that begins at `at`. */
function find(text: string, at: number, path: Path): number {
  const [first, ...rest] = path;
  if (first === undefined) return at;
  for (const { key, value } of members(text, at)) if (key === String(first)) return find(text, value, rest);
  return at;
}

/** Each member of the object or list at a place: its name or number, and where its value begins. */
function* members(text: string, at: number): Generator<{ key: string; value: number }> {
  const open = text[at];
  if (open !== "{" && open !== "[") return;
  let next = skipSpace(text, at + 1);
  for (let index = 0; next < text.length && text[next] !== "}" && text[next] !== "]"; index++) {
    let key = String(index);
    if (open === "{") {
      const end = endOfString(text, next);
      key = String(JSON.parse(text.slice(next, end)));
      next = skipSpace(text, skipSpace(text, end) + 1);
    }
    yield { key, value: next };
    next = skipSpace(text, endOfValue(text, next));
    if (text[next] === ",") next = skipSpace(text, next + 1);
  }
}

function endOfValue(text: string, at: number): number {
  if (text[at] === '"') return endOfString(text, at);
  let depth = 0;
  for (let next = at; next < text.length; next++) {
    const character = text[next] ?? "";
    if (character === '"') next = endOfString(text, next) - 1;
    else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") {
      if (--depth <= 0) return depth < 0 ? next : next + 1;
    } else if (depth === 0 && character === ",") return next;
  }
  return text.length;
}

function endOfString(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next++)
    if (text[next] === "\\") next++;
    else if (text[next] === '"') return next + 1;
  return text.length;
}

function skipSpace(text: string, at: number): number {
  let next = at;
  while (/\s/.test(text[next] ?? "")) next++;
  return next;
}
