import { z } from "zod";
import { ALERT_SEVERITIES } from "./schema.ts";
import { mapping, matched, SIGNAL_AUTHS, SIGNAL_KINDS, signalGap } from "./signal-schema.ts";

const severity = z.enum(ALERT_SEVERITIES);
const settings = {
  mapping: mapping.optional(),
  alertFrom: severity.default("medium"),
  findUnknown: z.boolean().default(true),
  ratePerMinute: z.number().int().min(1).max(60_000).default(1_200),
  /** Null where nobody minds that it is silent. */
  silentAfterSeconds: z.number().int().min(10).max(2_592_000).nullable().default(null),
};

export const makeSourceInput = z.object({
  name: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/, "1 to 32 lower-case letters, digits and hyphens"),
  kind: z.enum(SIGNAL_KINDS),
  auth: z.enum(SIGNAL_AUTHS),
  ...settings,
});
export type MakeSourceInput = z.input<typeof makeSourceInput>;

const one = { sourceId: z.uuid(), version: z.number().int() };
export const changeSourceInput = z.object({
  ...one,
  mapping,
  alertFrom: severity,
  findUnknown: z.boolean(),
  ratePerMinute: settings.ratePerMinute.unwrap(),
  silentAfterSeconds: settings.silentAfterSeconds.unwrap(),
});
export const switchSourceInput = z.object({
  ...one,
  enabled: z.boolean(),
  reason: z.string().trim().min(3, "Say why, in three characters or more.").max(500),
});
export const rotateSecretInput = z.object({
  sourceId: z.uuid(),
  /** How long the secret before still counts. */
  overlapHours: z.number().min(0).max(168).default(24),
});
export const testSourceInput = z.object({
  sourceId: z.uuid(),
  /** An event as the source would send it; without one, the kind's own example. */
  payload: z.string().min(2).max(20_000).optional(),
});

export const signalView = z.object({
  id: z.uuid(),
  source: z.object({ id: z.uuid(), name: z.string(), kind: z.enum(SIGNAL_KINDS) }),
  eventId: z.string(),
  outcome: z.enum(["mapped", "unmapped", "held"]),
  reason: z.string().nullable(),
  receivedAt: z.date(),
  occurredAt: z.date().nullable(),
  lagMs: z.number().nullable(),
  rule: z.string().nullable(),
  priority: z.string().nullable(),
  severity: severity.nullable(),
  title: z.string().nullable(),
  tags: z.array(z.string()),
  agent: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  matched: matched.nullable(),
  alertNumber: z.number().int().nullable(),
  test: z.boolean(),
});
export type SignalView = z.infer<typeof signalView>;
export const SIGNALS_PAGE_MAX = 100;
export const listSignalsInput = z.object({
  sourceId: z.uuid().optional(),
  agent: z.string().max(200).optional(),
  outcome: z.enum(["mapped", "unmapped", "held"]).optional(),
  limit: z.coerce.number().int().min(1).max(SIGNALS_PAGE_MAX).default(50),
  cursor: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z~[0-9a-f-]{36}$/)
    .optional(),
});
export const signalPage = z.object({ signals: z.array(signalView), nextCursor: z.string().nullable() });
/** With the payload as it came, as text. */
export const signalDetail = signalView.extend({ payload: z.string(), digest: z.string() });

export const sourceView = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: z.enum(SIGNAL_KINDS),
  auth: z.enum(SIGNAL_AUTHS),
  /** Of a source with a certificate: whose. */
  agentName: z.string().nullable(),
  enabled: z.boolean(),
  mapping,
  alertFrom: severity,
  findUnknown: z.boolean(),
  ratePerMinute: z.number().int(),
  silentAfterSeconds: z.number().int().nullable(),
  createdAt: z.date(),
  createdBy: z.string(),
  receivedAt: z.date().nullable(),
  silentSince: z.date().nullable(),
  secrets: z.array(z.object({ createdAt: z.date(), endsAt: z.date().nullable() })),
  /** Of the last 24 hours. */
  day: z.object({
    received: z.number(),
    mapped: z.number(),
    unmapped: z.number(),
    held: z.number(),
    repeated: z.number(),
    heartbeats: z.number(),
    refused: z.number(),
    refusedBy: z.record(z.string(), z.number()),
    lagMsMedian: z.number().nullable(),
    lagMsP95: z.number().nullable(),
  }),
  lagMs: z.number().nullable(),
  gaps: z.array(signalGap.extend({ stream: z.string() })),
  version: z.number().int(),
});
export type SourceView = z.infer<typeof sourceView>;
