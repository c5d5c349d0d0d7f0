import {
  REVOCATION_KEPT_MS,
  type RevocationEvent,
} from "../../server/layers/authorization/revocation-schema.ts";

/** What an access token says of itself, as far as a revocation can speak of it. */
export type TokenClaims = {
  jti: string;
  sub: string;
  grant_ids?: readonly string[] | undefined;
  cnf?: { "x5t#S256"?: string | undefined } | undefined;
};

/** What of Vigil's is revoked now, as one resource server holds it. */
export type RevokedSet = ReturnType<typeof createRevokedSet>;

/** Starts with nothing. Everything is kept until it would have ended by itself, and `REVOCATION_KEPT_MS` longer. */
export function createRevokedSet() {
  /** Each with its end, in seconds since 1970. */
  const tokens = new Map<string, number>();
  const grants = new Map<string, number>();
  const certificates = new Map<string, number>();
  const stopped = new Map<string, string>();

  return {
    apply(event: RevocationEvent): void {
      if (event.kind === "token") tokens.set(event.jti, event.exp);
      else if (event.kind === "certificate") certificates.set(event["x5t#S256"], event.exp);
      else if (event.kind === "grant") {
        grants.set(event.grantId, event.exp);
        for (const jti of event.jtis) tokens.set(jti, event.exp);
      } else if (event.why === "released") stopped.delete(event.agent);
      else stopped.set(event.agent, event.why);
    },
    /** Lets go of what has ended by itself, at whatever resource server. */
    forget(now: Date): void {
      const seconds = (now.getTime() - REVOCATION_KEPT_MS) / 1000;
      for (const kind of [tokens, grants, certificates])
        for (const [id, end] of kind) if (end <= seconds) kind.delete(id);
    },
    /** Why this token counts no more, as a sentence; null where nothing that is held speaks against it. */
    reasonAgainst({ jti, sub, grant_ids = [], cnf }: TokenClaims): string | null {
      const standing = stopped.get(sub);
      if (standing !== undefined) return `${sub} is ${standing}.`;
      if (tokens.has(jti)) return "The token was revoked.";
      const grant = grant_ids.find((id) => grants.has(id));
      if (grant !== undefined) return `The grant ${grant} was taken back.`;
      const thumbprint = cnf?.["x5t#S256"];
      if (thumbprint !== undefined && certificates.has(thumbprint))
        return "The certificate that the token is bound to was revoked.";
      return null;
    },
  };
}
