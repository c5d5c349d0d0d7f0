import { agentName } from "../schema.ts";

export const CLAIM_CHARS_MAX = 160;
const NOTHING = "(nothing)";

/**
 * Text of somebody who proved nothing, safe to keep and to show: no control, invisible, bidirectional or unassigned
 * characters, composed, short. It never begins with the `*` of rows that count many.
 */
export function readableClaim(text: unknown): string {
  if (typeof text !== "string") return NOTHING;
  const plain = text
    .slice(0, 4 * CLAIM_CHARS_MAX)
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, "")
    .replace(/[\s\p{M}]{2,}/gu, " ")
    .normalize("NFC")
    .trim()
    .replace(/^\*+\s*/, "");
  return [...plain].slice(0, CLAIM_CHARS_MAX).join("").trim() || NOTHING;
}

/**
 * Whom a certificate names: the first URI of its alternative names (a SPIFFE id or DID), or its subject; and who it
 * says issued it.
 */
export function certificateClaim(certificate: {
  subject: string;
  subjectAltName?: string | undefined;
  issuer: string;
}): { claimed: string; issuer: string } {
  const uri = /(?:^|, )URI:(?:"((?:[^"\\]|\\.)*)"|([^,]+))/.exec(certificate.subjectAltName ?? "");
  return {
    claimed: readableClaim(uri?.[1] ?? uri?.[2] ?? oneLine(certificate.subject)),
    issuer: readableClaim(oneLine(certificate.issuer)),
  };
}

/**
 * What a JWT says of its subject and issuer, unproved.
 *
 * @returns null where it is none, or names no subject.
 */
export function tokenClaim(token: string): { subject: string; issuer: string } | null {
  const [, payload] = token.split(".");
  if (!payload || token.length > 16_384) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    if (typeof claims !== "object" || claims === null) return null;
    const { sub, client_id: client, iss } = claims as Record<string, unknown>;
    const subject = typeof sub === "string" ? sub : client;
    return typeof subject === "string" && subject !== ""
      ? { subject, issuer: typeof iss === "string" ? iss : "" }
      : null;
  } catch {
    return null;
  }
}

/** The name that a claim suggests for a registration: the last part of a SPIFFE id, DID or common name, if it fits. */
export function suggestedName(claimed: string): string | null {
  if (claimed === NOTHING) return null;
  const common = /(?:^|, )CN=([^,]+)/.exec(claimed)?.[1];
  const last = (common ?? claimed.split(/[/:,]/).at(-1) ?? "").trim().toLowerCase();
  const fitting = last.replace(/[^a-z0-9-]+/g, "-").replace(/^-+|-+$/g, "");
  return agentName.safeParse(fitting).success ? fitting : null;
}

const oneLine = (name: string) => name.split("\n").join(", ");
