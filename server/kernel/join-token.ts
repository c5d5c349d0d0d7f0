const TOKEN = /^vjt_([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

export type JoinToken = { secret: string; rootSha256: Buffer };

/** `vjt_<secret>.<SHA-256 of the root certificate's DER, base64url>`. */
export function formatJoinToken(token: JoinToken): string {
  return `vjt_${token.secret}.${token.rootSha256.toString("base64url")}`;
}

/** The token's parts, or null where the text is not a join token. The text is attacker-controlled. */
export function parseJoinToken(text: string): JoinToken | null {
  const match = TOKEN.exec(text);
  const [, secret, root] = match ?? [];
  if (!secret || !root) return null;
  return { secret, rootSha256: Buffer.from(root, "base64url") };
}
