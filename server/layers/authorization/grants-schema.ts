import { z } from "zod";
import { RISKS, scopeName } from "./policy-schema.ts";
import { grantView } from "./schema.ts";

/** A live grant under which nothing was admitted for this long is proposed for removal. */
export const UNUSED_DAYS = 30;
export const LIVE_GRANTS_PAGE_MAX = 200;

/** A grant with how it came about: for the list of what all agents may do now. */
export const liveGrantView = grantView.extend({
  /** An approval gave it, somebody broke glass for it, or it stands since the registration. */
  by: z.enum(["approval", "break-glass", "standing"]),
  /** Who decided: approvers, whoever broke glass, or whoever registered the agent. */
  grantedByPeople: z.array(z.object({ userId: z.string(), name: z.string() })),
  /** What it was asked for, and why; null for standing grants. */
  resource: z.string().nullable(),
  reason: z.string().nullable(),
  /** Since when nothing was admitted under it: its last use, else when it was given. */
  unusedSince: z.date(),
  proposedForRemoval: z.boolean(),
});
export type LiveGrantView = z.infer<typeof liveGrantView>;

export const listLiveGrantsInput = z.object({
  /** Name or id. */
  agent: z.string().min(1).max(80).optional(),
  scope: scopeName.optional(),
  risk: z.enum(RISKS).optional(),
  by: z.enum(["approval", "break-glass", "standing"]).optional(),
  limit: z.coerce.number().int().min(1).max(LIVE_GRANTS_PAGE_MAX).default(50),
  /** `nextCursor` of the page before. */
  cursor: z.string().max(80).optional(),
});
export type ListLiveGrantsInput = z.input<typeof listLiveGrantsInput>;

export const liveGrantPage = z.object({
  grants: z.array(liveGrantView),
  /** How many there are on all pages. */
  total: z.number().int(),
  nextCursor: z.string().nullable(),
});
export type LiveGrantPage = z.infer<typeof liveGrantPage>;
