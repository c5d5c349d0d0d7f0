import { z } from "zod";

/** One hour of the day before a decision, from the windows that were measured. */
const hour = z.object({
  at: z.date(),
  calls: z.number(),
  refused: z.number(),
  megabytes: z.number(),
  /** The highest score of its minutes; null where none was scored. */
  score: z.number().nullable(),
});

/** A statement for a decider. `warn`: something to weigh; `note`: something to know. */
const statement = z.object({ id: z.string(), tone: z.enum(["warn", "note"]), detail: z.string() });
export type Statement = z.infer<typeof statement>;

/** What a person who decides on a request should know besides the request: every figure in it is measured. */
export const deciderBrief = z.object({
  /** What a grant would open that the agent may not do today. */
  change: z.object({ actions: z.array(z.string()), held: z.boolean(), said: z.string() }),
  /** The rule of the policy that asks for a person. */
  rule: z.object({
    risk: z.enum(["LOW", "MEDIUM", "HIGH"]).nullable(),
    said: z.string(),
    policyVersion: z.number().int(),
  }),
  lastDay: z.object({
    from: z.date(),
    to: z.date(),
    hours: z.array(hour),
    calls: z.number(),
    refused: z.number(),
    scoreMax: z.number().nullable(),
    alerts: z.number().int(),
    openAlerts: z.number().int(),
    containments: z.number().int(),
  }),
  /** The same scope for the same agent before, newest first. */
  past: z.object({
    asked: z.number().int(),
    granted: z.number().int(),
    denied: z.number().int(),
    unanswered: z.number().int(),
    neverUsed: z.number().int(),
    latest: z.array(
      z.object({
        id: z.uuid(),
        requestedAt: z.date(),
        requesterName: z.string(),
        status: z.string(),
        decidedAt: z.date().nullable(),
        decidedBy: z.array(z.string()),
        durationSeconds: z.number().int(),
        activatedAt: z.date().nullable(),
        revokedAt: z.date().nullable(),
        reason: z.string(),
      }),
    ),
  }),
  blastRadius: z.array(statement),
  conflicts: z.array(statement),
});
export type DeciderBrief = z.infer<typeof deciderBrief>;
