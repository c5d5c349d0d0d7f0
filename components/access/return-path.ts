/** Where to go after sign-in: a path of this console, never another site's address. */
export function returnPath(next: string | undefined): string {
  if (!next?.startsWith("/") || next.startsWith("//") || /[\\\p{Cc}]/u.test(next)) return "/";
  return next;
}
