import { z } from "zod";
import { grantLimits, keptLimits } from "./limits-schema.ts";
import { scopeName } from "./policy-schema.ts";

/** The one type of authorization details (RFC 9396 §2) that Vigil knows: what an agent's actions may go up to. */
export const AGENT_ACTION = "agent_action";
export const DETAILS_MAX = 20;

/** One entry as a client asks for it: for each of these scopes, limits that are at most as wide as its grant's. */
export const askedDetail = z.strictObject({
  type: z.literal(AGENT_ACTION),
  /** Scopes; each in one entry alone. */
  actions: z.array(scopeName).min(1).max(32),
  /** Where it is to be used: this gateway, or left out. */
  locations: z.array(z.string().max(1_024)).length(1).optional(),
  ...grantLimits.shape,
});
export type AskedDetail = z.input<typeof askedDetail>;
export const askedDetails = z.array(askedDetail).min(1).max(DETAILS_MAX);

/** One entry as a token carries it: one scope, its grant, and what that grant's actions may not go beyond. */
export const issuedDetail = z.strictObject({
  type: z.literal(AGENT_ACTION),
  actions: z.array(scopeName).length(1),
  grant_id: z.string().min(1),
  ...keptLimits.shape,
});
export type IssuedDetail = z.infer<typeof issuedDetail>;
