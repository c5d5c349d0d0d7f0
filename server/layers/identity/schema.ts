import { z } from "zod";

/** What an agent's keys are for; each purpose has its own key, authority and certificate profile. */
export const PURPOSES = ["transport", "signature", "oauth", "callback", "encryption"] as const;
export const purpose = z.enum(PURPOSES);
export type Purpose = z.infer<typeof purpose>;

/** Authorities that sign leaves: one for each purpose of an agent, and one for Vigil's own doors. */
export const ISSUERS = [...PURPOSES, "server"] as const;
export type Issuer = (typeof ISSUERS)[number];

/** An authority is prepared, signs, is followed by another, and may be found untrustworthy. */
export const AUTHORITY_STATUSES = ["prepared", "active", "superseded", "tainted", "revoked"] as const;
export const authorityStatus = z.enum(AUTHORITY_STATUSES);
export type AuthorityStatus = z.infer<typeof authorityStatus>;

export const AGENT_STATUSES = [
  "registered",
  "enrolled",
  "active",
  "throttled",
  "contained",
  "suspended",
  "retired",
] as const;
export const agentStatus = z.enum(AGENT_STATUSES);
export type AgentStatus = z.infer<typeof agentStatus>;

export const AGENT_KINDS = ["agent", "resource-server", "signal-source"] as const;
export const CRITICALITIES = ["low", "standard", "high", "critical"] as const;

export const CSR_CHARS_MAX = 8_192;
export const JOIN_TOKEN_LIFE_MS = 60 * 60 * 1000;
export const AGENTS_PAGE_MAX = 100;

/** An agent's name: a DNS label, so that it also fits host names, SPIFFE ids and DIDs. */
export const agentName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends",
  );

/** Text that people read: no control characters, no bidirectional or zero-width tricks. */
export const readable = (charsMax: number) =>
  z
    .string()
    .max(charsMax)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "plain text without control or invisible characters")
    .transform((text) => text.normalize("NFC").trim());

export const registerAgentInput = z.object({
  name: agentName,
  title: readable(120).default(""),
  kind: z.enum(AGENT_KINDS).default("agent"),
  /** The person who answers for the agent; an agent without one is flagged. */
  ownerId: z.string().min(1).max(64).nullable().default(null),
  zone: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "the short name of a zone, such as a")
    .default("a"),
  criticality: z.enum(CRITICALITIES).default("standard"),
  model: readable(120).nullable().default(null),
  version: readable(60).nullable().default(null),
  /** Name of the agent whose child it is, for good: it may never more than its parent may. */
  parent: agentName.nullable().default(null),
  demo: z.boolean().default(false),
});
export type RegisterAgentInput = z.input<typeof registerAgentInput>;

const reason = readable(500).pipe(z.string().min(3, "say why, in a few words"));

/** What an administrator may make of an agent that is not contained. */
export const setAgentStandingInput = z.object({
  name: agentName,
  to: z.enum(["active", "suspended", "retired"]),
  reason,
  /** Where it retires: every agent below it that retires with it, as whoever decides was shown them. */
  alsoRetires: z.array(agentName).max(200).default([]),
});
export type SetAgentStandingInput = z.input<typeof setAgentStandingInput>;

export const banAgentInput = z.object({ name: agentName, reason });
export type BanAgentInput = z.input<typeof banAgentInput>;

const csrPem = z.string().min(1).max(CSR_CHARS_MAX);

/** Body of `POST /v1/enrolments`: the one-time token and a request for each of the five purposes. */
export const enrolmentRequest = z.object({
  joinToken: z.string().min(1).max(256),
  csrs: z.object({
    transport: csrPem,
    signature: csrPem,
    oauth: csrPem,
    callback: csrPem,
    encryption: csrPem,
  }),
});
export type EnrolmentRequest = z.infer<typeof enrolmentRequest>;

/** Body of `POST /v1/credentials/<purpose>`. */
export const renewalRequest = z.object({ csr: csrPem });
export type RenewalRequest = z.infer<typeof renewalRequest>;

const CALLBACK_URL_CHARS_MAX = 1_024;

/** Body of `PUT /v1/callback`: where the agent's own server waits for what Vigil has to tell it. */
export const callbackRequest = z.object({
  url: z
    .string()
    .max(CALLBACK_URL_CHARS_MAX)
    .refine(isCallbackUrl, "an https URL without credentials or fragment"),
});

/** An https URL that names a server and no person. */
function isCallbackUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "https:" && !url.username && !url.password && !url.hash;
}

export const issuedCertificate = z.object({ certificatePem: z.string(), chainPem: z.string() });
export type IssuedCertificate = z.infer<typeof issuedCertificate>;

/** Answer of `POST /v1/enrolments`. */
export const enrolmentAnswer = z.object({
  agent: agentName,
  did: z.string(),
  certificates: z.record(purpose, issuedCertificate),
  trustBundlePem: z.string(),
  /** The authorization server's issuer. */
  issuer: z.url(),
  gatewayUrl: z.url(),
});
export type EnrolmentAnswer = z.infer<typeof enrolmentAnswer>;

export const agentSummary = z.object({
  id: z.uuid(),
  name: agentName,
  did: z.string(),
  kind: z.enum(AGENT_KINDS),
  title: z.string(),
  ownerId: z.string().nullable(),
  ownerEmail: z.string().nullable(),
  ownerName: z.string().nullable(),
  status: agentStatus,
  banned: z.boolean(),
  zone: z.string(),
  criticality: z.enum(CRITICALITIES),
  model: z.string().nullable(),
  version: z.string().nullable(),
  demo: z.boolean(),
  createdAt: z.date(),
  enrolledAt: z.date().nullable(),
  lastSeenAt: z.date().nullable(),
  /** Whose child it is; null for an agent of its own. */
  parentName: agentName.nullable(),
  childCount: z.number().int(),
  /** The first above it that is not in service: nothing below that one may act. */
  stoppedBy: z.object({ name: agentName, state: z.string() }).nullable(),
  /** The owner's account is closed, or there is none: nobody answers for it. */
  orphaned: z.boolean(),
  /** The newest credential of each purpose that it was given. */
  expiries: z.array(z.object({ purpose, notBefore: z.coerce.date(), endsAt: z.coerce.date() })),
  /** When the first of its live certificates ends; null where it has none. */
  nextExpiryAt: z.date().nullable(),
});
export type AgentSummary = z.infer<typeof agentSummary>;

export const credentialView = z.object({
  id: z.uuid(),
  purpose,
  serial: z.string(),
  thumbprint: z.string(),
  keyId: z.string(),
  status: z.enum(["active", "revoked"]),
  notBefore: z.date(),
  notAfter: z.date(),
  issuedAt: z.date(),
  revokedAt: z.date().nullable(),
  revokeReason: z.string().nullable(),
});
export type CredentialView = z.infer<typeof credentialView>;

/** A certificate request that was refused: the other half of "last successful and failed renewal". */
export const refusedRequest = z.object({
  purpose,
  at: z.date(),
  code: z.string(),
  detail: z.string(),
});

/** An agent of another's family, as its page names it. */
export const kinView = z.object({
  name: agentName,
  title: z.string(),
  status: agentStatus,
  banned: z.boolean(),
});
export type KinView = z.infer<typeof kinView>;

export const agentDetail = agentSummary.extend({
  /** Those above it, its parent first. */
  above: z.array(kinView),
  /** Everybody below it, generation by generation, with the name of each one's parent. */
  below: z.array(kinView.extend({ parentName: agentName })),
  /** Live credentials, and the newest that are not, newest first. */
  credentials: z.array(credentialView),
  refusedRequests: z.array(refusedRequest),
});
export type AgentDetail = z.infer<typeof agentDetail>;

export const listAgentsInput = z.object({
  limit: z.number().int().min(1).max(AGENTS_PAGE_MAX).default(50),
  /** Name of the last agent of the page before. */
  cursor: agentName.optional(),
  status: agentStatus.optional(),
  kind: z.enum(AGENT_KINDS).optional(),
  ownerId: z.string().min(1).max(64).optional(),
  /** Nobody answers for it: it has no owner, or the owner's account is closed. */
  orphaned: z.boolean().optional(),
  /** It never sent anything. */
  neverSeen: z.boolean().optional(),
  /** Part of a name or title. */
  search: z.string().max(120).optional(),
});
export type ListAgentsInput = z.input<typeof listAgentsInput>;

export const agentPage = z.object({
  agents: z.array(agentSummary),
  nextCursor: agentName.nullable(),
  total: z.number().int(),
});
export type AgentPage = z.infer<typeof agentPage>;

export const RENEWAL_STATES = ["fine", "due", "overdue", "failed"] as const;
export const renewalState = z.enum(RENEWAL_STATES);
export type RenewalState = z.infer<typeof renewalState>;

/** One row of the expiry radar: an agent's newest credential of a purpose, and how its renewals went. */
export const credentialRow = z.object({
  id: z.uuid(),
  agentName,
  agentStatus,
  purpose,
  thumbprint: z.string(),
  notBefore: z.coerce.date(),
  notAfter: z.coerce.date(),
  /** When it stops counting: `notAfter`, or its revocation before that. */
  endsAt: z.coerce.date(),
  dueAt: z.coerce.date(),
  /** The last renewal that succeeded, and the last that was refused with its reason. */
  issuedAt: z.coerce.date(),
  lastFailedAt: z.coerce.date().nullable(),
  lastFailedDetail: z.string().nullable(),
  state: renewalState,
  ended: z.boolean(),
  /** It is due, and the agent has never renewed one. */
  neverRenewed: z.boolean(),
});
export type CredentialRow = z.infer<typeof credentialRow>;

export const listCredentialsInput = z.object({
  limit: z.number().int().min(1).max(200).default(100),
  /** `<end of the last row, ISO 8601>|<its agent's id>|<its purpose>`: `nextCursor` of the page before. */
  cursor: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z\|[0-9a-f-]{36}\|[a-z]+$/)
    .optional(),
  purpose: purpose.optional(),
  state: renewalState.optional(),
  /** Part of an agent's name or title. */
  search: z.string().max(120).optional(),
});
export type ListCredentialsInput = z.input<typeof listCredentialsInput>;

export const credentialPage = z.object({
  credentials: z.array(credentialRow),
  nextCursor: z.string().nullable(),
});
export type CredentialPage = z.infer<typeof credentialPage>;
/** How soon credentials end, as the radar counts them; each bucket up to the next one's beginning. */
export const EXPIRY_BUCKETS = ["ended", "hour", "day", "week", "month", "later"] as const;

export const expiryOverview = z.object({
  buckets: z.array(z.object({ purpose, bucket: z.enum(EXPIRY_BUCKETS), count: z.number().int() })),
  states: z.record(renewalState, z.number().int()),
  neverRenewed: z.number().int(),
});
export type ExpiryOverview = z.infer<typeof expiryOverview>;
