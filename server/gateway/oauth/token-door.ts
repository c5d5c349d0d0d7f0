import { errors, type KoaContextWithOIDC } from "oidc-provider";
import { issueAccessToken } from "../../flows/issue-access-token.ts";
import { readAskedDetails } from "../../layers/authorization/engine/read-details.ts";
import type { TokenDecision } from "../../layers/authorization/issue-token.ts";
import { refuseToken } from "../../layers/authorization/refuse-token.ts";
import { SCOPES_PER_REQUEST_MAX } from "../../layers/authorization/schema.ts";
import { type AgentRow, liveTransport } from "../../layers/authorization/store.ts";
import { tokenClaim } from "../../layers/identity/engine/claimed-identity.ts";
import { forwardedPeer } from "../peer.ts";
import { decisionPointOf } from "./decision-point.ts";
import { TOKEN_PATH } from "./metadata.ts";
import { provedKey } from "./proved-key.ts";
import type { ProviderDeps } from "./provider.ts";
import { transportCertificate } from "./transport.ts";
import { usedAuthMethod } from "./used-auth-method.ts";

type Token = NonNullable<TokenDecision["token"]> & { keyId: string; jkt: string | null };
type Visit = {
  now: Date;
  agent: AgentRow;
  thumbprint: string;
  boundUntil: Date;
  decision: TokenDecision | null;
  /** What is about to be handed out, and the key that signs it. */
  token: Token | null;
  error: { error: string; detail: string } | null;
};
type Context = Pick<KoaContextWithOIDC, "req" | "res" | "set" | "status" | "body">;

/** What stands around the authorization server's token endpoint: who calls, what they get, what is recorded. */
export function createTokenDoor({ db, env, log, clock, sightings, tokenKeys }: ProviderDeps) {
  const visits = new WeakMap<object, Visit>();
  const decisionPoint = decisionPointOf(env);
  const host = new URL(env.gatewayUrl).host;

  async function visitOf(ctx: Context, now: Date): Promise<Visit | null> {
    const seen = transportCertificate(ctx.req);
    const transport = seen && (await liveTransport(db, seen.thumbprint, now));
    if (!seen || !transport) return null;
    const { agent, notAfter } = transport;
    return {
      now,
      agent,
      thumbprint: seen.thumbprint,
      boundUntil: notAfter,
      decision: null,
      token: null,
      error: null,
    };
  }

  /** Adds to the answer what RFC 6749 leaves to us, and records what was refused before scopes were looked at. */
  async function complete(ctx: Context, visit: Visit): Promise<void> {
    const away = visit.error?.error === AWAY;
    if (ctx.status >= 500 && !away) throw new Error("the authorization server could not answer");
    const { decision, agent, thumbprint, now } = visit;
    if (decision?.refused.length && typeof ctx.body === "object")
      ctx.body = { ...ctx.body, refused: decision.refused };
    const details = decision?.token?.authorizationDetails;
    if (details && ctx.status < 400 && typeof ctx.body === "object")
      ctx.body = { ...ctx.body, authorization_details: details };
    if (visit.token?.jkt && ctx.status === 200) ctx.body = { ...(ctx.body as object), token_type: "DPoP" };
    if (ctx.status < 400 || decision) return;
    const { error, detail } = visit.error ?? {
      error: "invalid_request",
      detail: "The request is malformed.",
    };
    await refuseToken(db, { agent, error, reason: detail, thumbprint, now });
  }

  /** @throws InvalidAuthorizationDetails saying what is wrong with them. */
  function askedDetails(
    ctx: KoaContextWithOIDC,
  ): Exclude<ReturnType<typeof readAskedDetails>, string> | undefined {
    const text = ctx.oidc.params?.authorization_details;
    if (text === undefined) return undefined;
    const asked = readAskedDetails(String(text), env.gatewayUrl);
    if (typeof asked === "string") throw refusal(new errors.InvalidAuthorizationDetails(asked), asked);
    return asked;
  }

  return {
    /** Runs before and after the authorization server. Whatever fails inside, no token leaves. */
    async guard(ctx: Context, next: () => Promise<void>): Promise<void> {
      Object.assign(ctx.req.headers, { accept: "application/json", host });
      delete ctx.req.headers.origin;
      try {
        const visit = await visitOf(ctx, clock());
        if (visit) {
          visits.set(ctx, visit);
          await next();
          await complete(ctx, visit);
        } else {
          ctx.status = 401;
          ctx.body = unknownCertificate;
        }
      } catch (err) {
        log.warn({ err }, "no token could be issued");
        ctx.status = 503;
        ctx.set("Retry-After", "1");
        ctx.body = unavailable;
      }
      ctx.set("Cache-Control", "no-store");
    },

    /** @throws OIDCProviderError with the reasons, where nothing was granted. */
    async decide(ctx: KoaContextWithOIDC, clientId: string): Promise<Token> {
      const visit = visits.get(ctx);
      if (visit?.agent.did !== clientId)
        throw refusal(
          new errors.InvalidClientAuth(),
          "This connection's certificate belongs to another agent.",
        );
      const { resource } = ctx.oidc.params ?? {};
      if (visit.decision || (Array.isArray(resource) && resource.length !== 1))
        throw new errors.InvalidTarget("A token is for one resource.");
      const requested = [...ctx.oidc.requestParamScopes];
      const asked = askedDetails(ctx);
      if (new Set([...requested, ...(asked?.keys() ?? [])]).size > SCOPES_PER_REQUEST_MAX)
        throw new errors.InvalidScope(`Name at most ${SCOPES_PER_REQUEST_MAX} scopes.`, "");
      const { agent, thumbprint, boundUntil, now } = visit;
      const jkt = await provedKey(db, ctx, new URL(TOKEN_PATH, env.gatewayUrl).href, now);
      // First the key: where none could sign, nothing is written either.
      const { keyId } = await tokenKeys.signing(now);
      const proof = { clientAuth: usedAuthMethod(ctx), jkt };
      const ask = { agent, requested, asked, thumbprint, boundUntil, proof };
      visit.decision = await issueAccessToken({ db, now, decisionPoint }, ask);
      const { token, refused } = visit.decision;
      if (token) {
        // Scopes that were not named, or in the details alone, are said in the answer (RFC 6749 §3.3).
        if (ctx.oidc.params && (asked || ctx.oidc.params.scope === undefined))
          ctx.oidc.params.scope = token.scopes.join(" ");
        visit.token = { ...token, keyId, jkt };
        return visit.token;
      }
      if (refused.length === 0)
        throw new errors.InvalidScope("This agent holds no live grant. Ask for a scope by name.", "");
      const away = refused.find((it) => it.rule === "decision_point_away");
      if (away) throw Object.assign(new errors.TemporarilyUnavailable(away.reason), { statusCode: 503 });
      const reasons = refused.map((it) => it.reason).join(" ");
      throw refused.every((it) => it.rule === "agent_not_in_service")
        ? new errors.UnauthorizedClient(refused[0]?.reason)
        : new errors.InvalidScope(reasons, refused.map((it) => it.scope).join(" "));
    },

    /** Refuses details that are malformed before anything is decided. @throws InvalidAuthorizationDetails. */
    checkDetails: askedDetails,

    /** The row of the token that this request is about to hand out. */
    issued(ctx: KoaContextWithOIDC): Token | null {
      return visits.get(ctx)?.token ?? null;
    },

    remember(ctx: KoaContextWithOIDC, err: errors.OIDCProviderError): void {
      const visit = visits.get(ctx);
      const detail = err.error_detail ?? err.error_description ?? err.message;
      if (visit) visit.error = { error: err.error, detail };
      const claim = err.error === "invalid_client" ? assertedBy(ctx) : null;
      if (!visit || !claim || claim.subject === visit.agent.did) return;
      const sourceIp = forwardedPeer(ctx.req)?.sourceIp ?? ctx.req.socket.remoteAddress ?? "unknown";
      const stranger = { way: "client_id", claimed: claim.subject, issuer: claim.issuer } as const;
      sightings?.stranger({ ...stranger, evidence: visit.thumbprint, sourceIp }, visit.now);
    },
  };
}

/** In whose name a refused client assertion was made, unproved. */
function assertedBy(ctx: KoaContextWithOIDC): { subject: string; issuer: string } | null {
  const assertion = ctx.oidc.params?.client_assertion;
  return typeof assertion === "string" ? tokenClaim(assertion) : null;
}

const AWAY = "temporarily_unavailable";
const unknownCertificate = {
  error: "invalid_client",
  error_description: "This connection's certificate is no agent's live transport certificate.",
};
const unavailable = {
  error: AWAY,
  error_description: "No token can be issued now, because it could not be recorded. Try again.",
};

function refusal<E extends errors.OIDCProviderError>(error: E, description: string): E {
  error.error_description = description;
  return error;
}
