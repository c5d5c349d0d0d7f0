import { and, desc, eq, gte, inArray, lt, type SQL } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import type { Database } from "../../../db/client.ts";
import {
  agents,
  approvals,
  approvalVotes,
  breakGlassUses,
  containments,
  scopePolicies,
  trustOverrides,
} from "../../../db/schema/index.ts";
import type { DutyAct } from "../../layers/authorization/duties-schema.ts";
import type { GlassReview } from "./judge-duties.ts";

/** An act with the accounts that took part, before they are named. */
export type RawAct = Pick<DutyAct, "key" | "kind" | "at" | "what" | "outcome" | "href"> & {
  asked: string | null;
  askedType: "operator" | "agent" | "system";
  decided: string[];
  agentId: string | null;
};
export type Period = { from: Date; to: Date };
type Loaded = { acts: RawAct[]; reviews: Map<string, GlassReview> };

/** Every act of a period that needed two people, of each kind the newest up to a bound. */
export async function loadActs(db: Database, period: Period, limit: number): Promise<Loaded> {
  const glass = await loadGlass(db, period, limit);
  const acts = [
    ...(await loadGrants(db, period, limit)),
    ...(await loadReleases(db, period, limit)),
    ...(await loadPolicies(db, period, limit)),
    ...(await loadTrust(db, period, limit)),
    ...glass.acts,
  ];
  return { acts, reviews: glass.reviews };
}

async function loadGrants(db: Database, period: Period, limit: number): Promise<RawAct[]> {
  const rows = await db
    .select({ approval: approvals, agent: agents.name })
    .from(approvals)
    .innerJoin(agents, eq(agents.id, approvals.agentId))
    .where(and(inArray(approvals.status, ["approved", "denied"]), within(approvals.decidedAt, period)))
    .orderBy(desc(approvals.decidedAt))
    .limit(limit);
  const votes = await db
    .select({ approvalId: approvalVotes.approvalId, userId: approvalVotes.userId })
    .from(approvalVotes)
    .where(
      inArray(
        approvalVotes.approvalId,
        rows.map(({ approval }) => approval.id),
      ),
    )
    .orderBy(approvalVotes.votedAt);
  const votersOf = Map.groupBy(votes, ({ approvalId }) => approvalId);
  return rows.map(({ approval, agent }) => ({
    ...{ key: `grant:${approval.id}`, kind: "grant", at: approval.decidedAt ?? approval.requestedAt },
    ...{ what: `${approval.scope} for ${agent}`, outcome: approval.status, agentId: approval.agentId },
    ...{
      asked: approval.requestedBy,
      askedType: approval.requestedByType === "agent" ? "agent" : "operator",
    },
    decided: (votersOf.get(approval.id) ?? []).map(({ userId }) => userId),
    href: `/approvals/${approval.id}`,
  }));
}

async function loadReleases(db: Database, period: Period, limit: number): Promise<RawAct[]> {
  const rows = await db
    .select({ containment: containments, agent: agents.name })
    .from(containments)
    .innerJoin(agents, eq(agents.id, containments.agentId))
    .where(and(eq(containments.status, "released"), within(containments.releasedAt, period)))
    .orderBy(desc(containments.releasedAt))
    .limit(limit);
  return rows.map(({ containment, agent }) => ({
    ...{ key: `release:${containment.id}`, kind: "release", agentId: containment.agentId },
    at: containment.releasedAt ?? containment.requestedAt,
    ...{ what: `the release of ${agent}`, outcome: "released" },
    ...{ asked: containment.releaseRequestedBy, askedType: "operator" },
    decided: containment.releasedBy ? [containment.releasedBy] : [],
    href: `/agents/${agent}`,
  }));
}

async function loadPolicies(db: Database, period: Period, limit: number): Promise<RawAct[]> {
  const rows = await db
    .select()
    .from(scopePolicies)
    .where(within(scopePolicies.createdAt, period))
    .orderBy(desc(scopePolicies.version))
    .limit(limit);
  return rows.map(({ version, createdBy, approvedBy, createdAt }) => ({
    ...{ key: `policy:${version}`, kind: "policy", at: createdAt, agentId: null },
    ...{ what: `version ${version} of the policy`, outcome: "in force", asked: createdBy },
    // The first version is written by Vigil itself, before there is anybody.
    askedType: version === 1 && createdBy === "set-up" ? "system" : "operator",
    decided: approvedBy ? [approvedBy] : [],
    href: null,
  }));
}

async function loadTrust(db: Database, period: Period, limit: number): Promise<RawAct[]> {
  const rows = await db
    .select({ override: trustOverrides, agent: agents.name })
    .from(trustOverrides)
    .innerJoin(agents, eq(agents.id, trustOverrides.agentId))
    .where(
      and(inArray(trustOverrides.status, ["approved", "denied"]), within(trustOverrides.decidedAt, period)),
    )
    .orderBy(desc(trustOverrides.decidedAt))
    .limit(limit);
  return rows.map(({ override, agent }) => ({
    ...{ key: `trust:${override.id}`, kind: "trust", at: override.decidedAt ?? override.requestedAt },
    ...{ what: `trust ${override.score} for ${agent}`, outcome: override.status, agentId: override.agentId },
    ...{ asked: override.requestedBy, askedType: "operator" },
    decided: override.decidedBy ? [override.decidedBy] : [],
    href: `/agents/${agent}`,
  }));
}

async function loadGlass(db: Database, period: Period, limit: number): Promise<Loaded> {
  const rows = await db
    .select({ use: breakGlassUses, agent: agents.name })
    .from(breakGlassUses)
    .innerJoin(agents, eq(agents.id, breakGlassUses.agentId))
    .where(within(breakGlassUses.usedAt, period))
    .orderBy(desc(breakGlassUses.usedAt))
    .limit(limit);
  const key = (id: string) => `break-glass:${id}`;
  const review = ({ reviewDueAt: dueAt, reviewedAt, verdict }: (typeof rows)[number]["use"]) => ({
    ...{ dueAt, reviewedAt, verdict },
  });
  return {
    acts: rows.map(({ use, agent }) => ({
      ...{ key: key(use.id), kind: "break-glass", at: use.usedAt, agentId: use.agentId },
      ...{ what: `${use.scope} for ${agent}`, outcome: use.verdict ?? "not reviewed" },
      ...{ asked: use.userId, askedType: "operator", decided: use.reviewedBy ? [use.reviewedBy] : [] },
      href: `/break-glass?use=${use.id}`,
    })),
    reviews: new Map(rows.map(({ use }) => [key(use.id), review(use)])),
  };
}

function within(column: AnyPgColumn, { from, to }: Period): SQL | undefined {
  return and(gte(column, from), lt(column, to));
}
