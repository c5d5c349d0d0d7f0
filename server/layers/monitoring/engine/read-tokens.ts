/** One word of a query and where it stands: characters from `from` up to, not including, `to`. */
export type Token = {
  kind: "word" | "quoted" | "(" | ")" | ":" | ">" | ">=" | "<" | "<=";
  text: string;
  from: number;
  to: number;
};

/** Why a query cannot be read: `at` is the character to point at. */
export type QueryFault = { at: number; message: string };

const SIGNS = ["(", ")", ":", ">=", "<=", ">", "<"] as const;
const WORD = /[^\s()":<>]/;

/** The words of a query. Quotes keep spaces and signs; in them `\"` and `\\` are the characters themselves. */
export function readTokens(
  text: string,
): { tokens: Token[]; fault: null } | { tokens: null; fault: QueryFault } {
  const tokens: Token[] = [];
  const unseen = text.search(/[^\P{C}\t\n]/u);
  if (unseen !== -1)
    return { tokens: null, fault: { at: unseen, message: "This character cannot be seen." } };
  let at = 0;
  while (at < text.length) {
    const from = at;
    const sign = SIGNS.find((one) => text.startsWith(one, from));
    if (/\s/.test(text[at] ?? "")) at += 1;
    else if (text[at] === '"') {
      const quoted = readQuoted(text, at);
      if (!quoted) return { tokens: null, fault: { at, message: "This quotation mark is never closed." } };
      tokens.push({ kind: "quoted", text: quoted.text, from, to: quoted.to });
      at = quoted.to;
    } else if (sign) {
      at += sign.length;
      tokens.push({ kind: sign, text: sign, from, to: at });
    } else {
      while (at < text.length && (WORD.test(text[at] ?? "") || isClockColon(text, from, at))) at += 1;
      tokens.push({ kind: "word", text: text.slice(from, at), from, to: at });
    }
  }
  return { tokens, fault: null };
}

function readQuoted(text: string, open: number): { text: string; to: number } | null {
  let said = "";
  for (let at = open + 1; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === '"') return { text: said, to: at + 1 };
    if (character === "\\" && at + 1 < text.length) said += text[++at];
    else said += character;
  }
  return null;
}

/** The colons of `2026-11-23T12:00` belong to the instant. */
function isClockColon(text: string, from: number, at: number): boolean {
  return text[at] === ":" && /^\d{4}-\d\d-\d\dT[\d:]*$/.test(text.slice(from, at));
}
