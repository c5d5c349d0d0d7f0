import { z } from "zod";

export const ISOLATION_STATES = ["open", "limited", "deny_all"] as const;
export type IsolationState = (typeof ISOLATION_STATES)[number];

/** How an agent stands, and which gateways have confirmed that they hold it so. */
export const agentIsolation = z.object({
  id: z.uuid(),
  name: z.string(),
  zone: z.string(),
  state: z.enum(ISOLATION_STATES),
  limitPerMinute: z.number().int().nullable(),
  epoch: z.number().int(),
  reason: z.string(),
  changedAt: z.date().nullable(),
  changedBy: z.string().nullable(),
  confirmations: z.array(
    z.object({ gatewayId: z.string(), connectionsCut: z.number().int(), confirmedAt: z.date() }),
  ),
});
export type AgentIsolation = z.infer<typeof agentIsolation>;

/** Zones, what may reach what, what did reach what in the last two hours, and every agent's state. */
export const isolationMap = z.object({
  zones: z.array(z.object({ name: z.string(), title: z.string() })),
  peers: z.array(z.object({ name: z.string(), zone: z.string(), title: z.string() })),
  edges: z.array(z.object({ from: z.string(), to: z.string(), reason: z.string() })),
  observed: z.array(
    z.object({
      from: z.string(),
      /** Null for a peer that stands in no zone. */
      to: z.string().nullable(),
      peer: z.string(),
      calls: z.number().int(),
      allowed: z.boolean(),
    }),
  ),
  agents: z.array(agentIsolation),
  /** Gateways that lived in the last five seconds: each of them must confirm. */
  gateways: z.array(z.string()),
});
export type IsolationMap = z.infer<typeof isolationMap>;

export const registerPeerInput = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,127}$/, "lower-case letters, digits, dots and hyphens"),
  zone: z.string().min(1).max(63),
  title: z.string().min(1).max(200),
});
