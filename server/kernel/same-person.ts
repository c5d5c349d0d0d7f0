export type PersonFacts = { id: string; email: string };

/**
 * Whether two accounts are one person: the same account, or e-mail addresses that reach the same mailbox
 * (case, Unicode compatibility forms and `+tags` put aside).
 */
export function samePerson(a: PersonFacts, b: PersonFacts): boolean {
  return a.id === b.id || mailboxOf(a.email) === mailboxOf(b.email);
}

/** The mailbox an e-mail address reaches: case, Unicode compatibility forms and `+tags` put aside. */
export function mailboxOf(email: string): string {
  const text = email.normalize("NFKC").trim().toLowerCase();
  const at = text.lastIndexOf("@");
  return at < 0 ? text : `${text.slice(0, at).replace(/\+.*$/, "")}${text.slice(at)}`;
}
