import type { VerbContext } from "../../access/verb-context.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import type { Asking } from "./alert-conditions.ts";

/** Who `me` is in a query, and when `now` is. */
export function askedBy({ actor, now }: VerbContext): Asking {
  return { personId: actor.type === "operator" ? actor.id : null, now };
}

/** A place in the order of the list. @throws InvalidInputError `cursor_invalid`. */
export function readCursor(cursor: string): { openedAt: Date; id: string } {
  const match = /^([0-9T:.Z-]{24})~([0-9a-f-]{36})$/.exec(cursor);
  const openedAt = new Date(match?.[1] ?? "");
  if (!match?.[2] || Number.isNaN(openedAt.getTime()))
    throw new InvalidInputError("cursor_invalid", "This cursor is none of ours. Start from the first page.");
  return { openedAt, id: match[2] };
}

/** The place behind an alert, as text. */
export function writeCursor({ openedAt, id }: { openedAt: Date; id: string }): string {
  return `${openedAt.toISOString()}~${id}`;
}
