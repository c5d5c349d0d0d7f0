import { z } from "zod";
import { contribution, RESPONSE_LEVELS } from "./schema.ts";

export const WATCHED_PAGE_MAX = 200;

/** Which agents to list by their score. `hours` is the stretch of the strip. */
export const watchedAgentsInput = z.object({
  search: z.string().max(200).optional(),
  level: z.enum(RESPONSE_LEVELS).optional(),
  /** Agents that are still learning, those with a baseline, or both. */
  baseline: z.enum(["learnt", "learning"]).optional(),
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(WATCHED_PAGE_MAX).default(50),
});
export type WatchedAgentsInput = z.input<typeof watchedAgentsInput>;

export const watchedAgent = z.object({
  id: z.uuid(),
  name: z.string(),
  title: z.string().nullable(),
  status: z.string(),
  /** The latest; null before the first minute. */
  score: z.number().nullable(),
  level: z.enum(RESPONSE_LEVELS),
  since: z.date().nullable(),
  scoredAt: z.date().nullable(),
  /** What makes up the latest score, highest first. */
  contributions: z.array(contribution),
  baselineVersion: z.number().int().nullable(),
  /** Where there is no baseline: how far learning has come, in words. */
  learning: z.string().nullable(),
});
export type WatchedAgent = z.infer<typeof watchedAgent>;

export const watchedAgents = z.object({ agents: z.array(watchedAgent), nextCursor: z.string().nullable() });
export type WatchedAgents = z.infer<typeof watchedAgents>;

export const STRIP_HOURS = [1, 6, 24, 168] as const;
export const behaviourOverviewInput = z.object({
  hours: z.coerce
    .number()
    .refine((hours) => (STRIP_HOURS as readonly number[]).includes(hours), "1, 6, 24 or 168 hours.")
    .default(24),
});

/** One agent's highest minute of a bucket that passed the first line. */
export const anomaly = z.object({
  at: z.date(),
  agent: z.string(),
  score: z.number(),
  /** The largest part of the score, in words. */
  words: z.string().nullable(),
});
export type Anomaly = z.infer<typeof anomaly>;

const perLine = z.object({ record: z.number(), limit: z.number(), contain: z.number() });

/** How many agents stand where, what passed the lines, and what that is against the false alarms that were declared. */
export const behaviourOverview = z.object({
  measuredAt: z.date(),
  counts: z.object({
    none: z.number().int(),
    record: z.number().int(),
    limit: z.number().int(),
    contain: z.number().int(),
    learning: z.number().int(),
  }),
  strip: z.object({
    from: z.date(),
    to: z.date(),
    anomalies: z.array(anomaly),
    /** How many there are in all: the highest are listed. */
    total: z.number().int(),
  }),
  budget: z.object({
    from: z.date(),
    to: z.date(),
    /** Agents × days in which they were scored at all. */
    agentDays: z.number(),
    /** Declared false alarms an agent and day. */
    declared: perLine,
    /** Alarms of an agent and hour, whatever was said of them. */
    alarms: perLine,
    /** Those of them that an analyst called a true positive, and a false positive or benign. */
    judgedTrue: perLine,
    judgedFalse: perLine,
  }),
});
export type BehaviourOverview = z.infer<typeof behaviourOverview>;
