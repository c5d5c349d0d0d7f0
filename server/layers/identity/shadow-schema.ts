import { z } from "zod";
import { registerAgentInput } from "./schema.ts";

/** How an unknown identity shows itself. Of the first, Vigil's own authority vouches for what is no agent's. */
export const SHADOW_WAYS = [
  "certificate_unknown",
  "certificate_foreign",
  "token_subject",
  "client_id",
  "signature_key",
  "enrolment",
  "signal",
] as const;
export type ShadowWay = (typeof SHADOW_WAYS)[number];

export const SHADOW_STATES = ["open", "registered", "dismissed"] as const;
export type ShadowState = (typeof SHADOW_STATES)[number];

/** What one unknown identity did at the doors since it was last told. Its texts were made safe to show. */
export type Sighting = {
  way: ShadowWay;
  claimed: string;
  issuer: string;
  evidence: string;
  network: string;
  count: number;
  firstAt: Date;
  lastAt: Date;
};

export const SHADOW_PAGE_MAX = 100;

export const shadowAgent = z.object({
  id: z.uuid(),
  claimed: z.string(),
  issuer: z.string(),
  ways: z.array(z.enum(SHADOW_WAYS)),
  /** Whether this row counts many identities of one network, for which there was no room. */
  many: z.boolean(),
  evidence: z.string(),
  network: z.string(),
  count: z.number().int(),
  firstSeenAt: z.date(),
  lastSeenAt: z.date(),
  state: z.enum(SHADOW_STATES),
  /** The agent it was registered as. */
  agent: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: z.date().nullable(),
  reason: z.string().nullable(),
  /** A name that the claim suggests and the registry would take; null where it suggests none. */
  suggestedName: z.string().nullable(),
  version: z.number().int(),
});
export type ShadowAgent = z.infer<typeof shadowAgent>;

export const listShadowAgentsInput = z.object({
  /** This finding alone. */
  id: z.uuid().optional(),
  state: z.enum(SHADOW_STATES).optional(),
  way: z.enum(SHADOW_WAYS).optional(),
  /** Part of what was claimed, of its issuer or network. */
  search: z.string().max(120).optional(),
  limit: z.coerce.number().int().min(1).max(SHADOW_PAGE_MAX).default(50),
  /** `nextCursor` of the page before. */
  cursor: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z\|[0-9a-f-]{36}$/)
    .optional(),
});
export type ListShadowAgentsInput = z.input<typeof listShadowAgentsInput>;

export const shadowAgentPage = z.object({
  shadowAgents: z.array(shadowAgent),
  nextCursor: z.string().nullable(),
  total: z.number().int(),
  /** How many are open, whatever the filter. */
  open: z.number().int(),
});
export type ShadowAgentPage = z.infer<typeof shadowAgentPage>;

const decided = z.object({ id: z.uuid(), version: z.number().int() });

export const dismissShadowAgentInput = decided.extend({
  reason: z.string().trim().min(3, "Say why, in three characters or more.").max(500),
});
export type DismissShadowAgentInput = z.input<typeof dismissShadowAgentInput>;

export const registerShadowAgentInput = decided.extend({
  agent: registerAgentInput
    .omit({ demo: true })
    .extend({ scopes: z.array(z.string().min(1).max(80)).max(32).default([]) }),
});
export type RegisterShadowAgentInput = z.input<typeof registerShadowAgentInput>;
