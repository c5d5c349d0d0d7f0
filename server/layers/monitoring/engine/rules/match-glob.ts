/**
 * Whether a name fits a pattern as a whole; `*` stands for any characters. The parts between stars are looked for
 * from left to right, once each: no pattern goes back, so none is slow.
 */
export function matchGlob(pattern: string, name: string): boolean {
  if (pattern === "*") return true;
  const parts = pattern.split("*");
  const first = parts[0] ?? "";
  if (parts.length === 1) return name === first;
  const last = parts[parts.length - 1] ?? "";
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false;
  const end = name.length - last.length;
  let at = first.length;
  for (let i = 1; i < parts.length - 1; i++) {
    const part = parts[i] ?? "";
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** A test of names against several patterns, whatever the case of their letters; the outcome of a name is kept for a while. */
export function compileGlobs(patterns: readonly string[]): (name: string) => boolean {
  const lower = patterns.map((pattern) => pattern.toLowerCase());
  const known = new Map<string, boolean>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const small = name.toLowerCase();
    const fits = lower.some((pattern) => matchGlob(pattern, small));
    // Names come from agents: what is remembered has an end.
    if (known.size >= REMEMBERED_MAX) known.clear();
    known.set(name, fits);
    return fits;
  };
}

const REMEMBERED_MAX = 2_000;
