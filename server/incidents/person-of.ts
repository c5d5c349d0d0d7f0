/** A person or duty by id, with the e-mail address where it is a person. */
export type Person = { id: string; email: string | null };

/** @param emails addresses by id, of all that the view shows. */
export function personOf(id: string, emails: Map<string, string>): Person {
  return { id, email: emails.get(id) ?? null };
}

/** The same for somebody who may be nobody. */
export function personOrNull(id: string | null, emails: Map<string, string>): Person | null {
  return id === null ? null : personOf(id, emails);
}
