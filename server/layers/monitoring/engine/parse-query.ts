import { QUERY_CHARS_MAX } from "../schema.ts";
import {
  durationMs,
  fieldNamed,
  instantMs,
  MAY_BE_NONE,
  QUERY_FIELDS,
  type QueryField,
} from "./query-fields.ts";
import { type QueryFault, readTokens, type Token } from "./read-tokens.ts";

export type Comparison = "is" | ">" | ">=" | "<" | "<=";
export type QueryNode =
  | { kind: "and" | "or"; parts: QueryNode[] }
  | { kind: "not"; part: QueryNode }
  /** `value` null: the field is empty. A number is milliseconds for instants and ages. */
  | { kind: "field"; field: string; comparison: Comparison; value: string | number | null; wild: boolean }
  | { kind: "text"; value: string; wild: boolean };
/** A part of the query that is asked for together with the others, and where it stands in the text. */
export type Pill = { text: string; from: number; to: number };
export type ParsedQuery =
  | { node: QueryNode | null; pills: Pill[]; fault: null }
  | { node: null; pills: null; fault: QueryFault };

const DEPTH_MAX = 20;
const TERMS_MAX = 50;

class Fault extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/**
 * Reads a query: `field:value`, `field >= value`, `field:(a or b)`, `and`, `or`, `not`, parentheses, quotes, `*`. Terms
 * beside each other are all asked for. `not` binds tighter than `and`, `and` tighter than `or`.
 *
 * @param nowMs what `now-24h` is counted from.
 * @returns what is asked for (null for an empty query), or the fault and the character it is at; it never throws.
 */
export function parseQuery(text: string, nowMs: number): ParsedQuery {
  const failed = (fault: QueryFault): ParsedQuery => ({ node: null, pills: null, fault });
  if (text.length > QUERY_CHARS_MAX)
    return failed({ at: QUERY_CHARS_MAX, message: `A query has ${QUERY_CHARS_MAX} characters at most.` });
  const { tokens, fault } = readTokens(text);
  if (fault) return failed(fault);
  if (tokens.length === 0) return { node: null, pills: [], fault: null };
  try {
    const { node, pills } = new Reader(text, tokens, nowMs).read();
    return { node, pills, fault: null };
  } catch (error) {
    if (error instanceof Fault) return failed({ at: error.at, message: error.message });
    throw error;
  }
}

/** One pass over the words, by recursive descent. */
class Reader {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #nowMs: number;
  #at = 0;
  #terms = 0;

  constructor(text: string, tokens: readonly Token[], nowMs: number) {
    this.#text = text;
    this.#tokens = tokens;
    this.#nowMs = nowMs;
  }

  read(): { node: QueryNode; pills: Pill[] } {
    const pills: Pill[] = [];
    const node = this.#or(0, pills);
    const left = this.#tokens[this.#at];
    if (left)
      throw new Fault(
        left.from,
        left.kind === ")" ? "Nothing was opened here." : `"${left.text}" was not expected here.`,
      );
    // Alternatives are one part: taking one of them out would mean something else.
    const whole = { text: this.#text.trim(), from: 0, to: this.#text.length };
    return { node, pills: node.kind === "or" ? [whole] : pills };
  }

  #or(depth: number, pills: Pill[]): QueryNode {
    const parts = [this.#and(depth, pills)];
    while (this.#takeWord("or")) parts.push(this.#and(depth, pills));
    return parts.length === 1 && parts[0] ? parts[0] : { kind: "or", parts };
  }

  #and(depth: number, pills: Pill[]): QueryNode {
    const parts: QueryNode[] = [];
    do {
      const from = this.#tokens[this.#at]?.from ?? this.#text.length;
      parts.push(this.#not(depth));
      const to = this.#tokens[this.#at - 1]?.to ?? this.#text.length;
      pills.push({ text: this.#text.slice(from, to), from, to });
    } while (this.#takeWord("and") || this.#startsTerm());
    return parts.length === 1 && parts[0] ? parts[0] : { kind: "and", parts };
  }

  #not(depth: number): QueryNode {
    if (depth > DEPTH_MAX) throw new Fault(this.#here(), "This is nested too deeply.");
    return this.#takeWord("not") ? { kind: "not", part: this.#not(depth + 1) } : this.#term(depth);
  }

  #term(depth: number): QueryNode {
    const token = this.#next("Something to look for is missing here.");
    this.#terms += 1;
    if (this.#terms > TERMS_MAX) throw new Fault(token.from, `A query has ${TERMS_MAX} terms at most.`);
    if (token.kind === "(") {
      const inner = this.#or(depth + 1, []);
      this.#close(token);
      return inner;
    }
    if (token.kind !== "word" && token.kind !== "quoted")
      throw new Fault(token.from, `"${token.text}" needs a field before it.`);
    const sign = this.#tokens[this.#at];
    if (token.kind === "word" && sign && /^[:<>]/.test(sign.kind)) return this.#fieldTerm(token, sign);
    if (token.kind === "word" && /^(and|or)$/i.test(token.text))
      throw new Fault(token.from, `Something to look for is missing before "${token.text}".`);
    return { kind: "text", value: token.text, wild: isWild(token) };
  }

  #fieldTerm(name: Token, sign: Token): QueryNode {
    const field = fieldNamed(name.text);
    if (!field)
      throw new Fault(
        name.from,
        `There is no field "${name.text}". There are ${QUERY_FIELDS.map((one) => one.name).join(", ")}.`,
      );
    this.#at += 1;
    const comparison = sign.kind === ":" ? "is" : (sign.kind as Comparison);
    if (comparison !== "is" && !["ordered", "number", "instant", "age"].includes(field.type))
      throw new Fault(sign.from, `${field.name} has no order: use ${field.name}:value.`);
    const value = this.#next(`A value for ${field.name} is missing here.`);
    if (value.kind !== "(") return this.#value(field, comparison, value);
    if (comparison !== "is") throw new Fault(value.from, "A list of values goes with a colon.");
    const parts = [this.#value(field, "is", this.#next("A value is missing here."))];
    while (this.#takeWord("or")) parts.push(this.#value(field, "is", this.#next("A value is missing here.")));
    this.#close(value);
    return { kind: "or", parts };
  }

  #value(field: QueryField, comparison: Comparison, token: Token): QueryNode {
    if (token.kind !== "word" && token.kind !== "quoted")
      throw new Fault(token.from, `A value for ${field.name} is missing here.`);
    const of = (value: string | number | null, wild = false): QueryNode => ({
      kind: "field",
      field: field.name,
      comparison,
      value,
      wild,
    });
    const word = token.text.toLowerCase();
    if (token.kind === "word" && word === "none" && MAY_BE_NONE.has(field.name)) return of(null);
    if (field.words) {
      if (!field.words.includes(word))
        throw new Fault(token.from, `${field.name} is one of ${field.words.join(", ")}.`);
      return of(word);
    }
    if (field.type === "text" || field.type === "person") return of(token.text, isWild(token));
    const number =
      field.type === "number"
        ? numberOf(token.text)
        : field.type === "age"
          ? durationMs(word)
          : instantMs(token.text, this.#nowMs);
    if (number === null)
      throw new Fault(token.from, `"${token.text}" is no value for ${field.name}: ${field.hint}.`);
    return of(number);
  }

  #close(open: Token): void {
    if (this.#tokens[this.#at]?.kind !== ")") throw new Fault(open.from, "This parenthesis is never closed.");
    this.#at += 1;
  }

  #next(missing: string): Token {
    const token = this.#tokens[this.#at];
    if (!token) throw new Fault(this.#here(), missing);
    this.#at += 1;
    return token;
  }

  #takeWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    const follows = this.#tokens[this.#at + 1]?.kind;
    if (token?.kind !== "word" || token.text.toLowerCase() !== word || follows === ":") return false;
    this.#at += 1;
    return true;
  }

  #startsTerm(): boolean {
    const token = this.#tokens[this.#at];
    if (!token || token.kind === ")") return false;
    return !(token.kind === "word" && token.text.toLowerCase() === "or");
  }

  #here(): number {
    return this.#tokens[this.#at]?.from ?? this.#text.length;
  }
}

function isWild({ kind, text }: Token): boolean {
  return kind === "word" && text.includes("*");
}

function numberOf(text: string): number | null {
  return /^\d{1,12}(\.\d{1,12})?$/.test(text) ? Number(text) : null;
}
