import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import {
  ACT_KINDS,
  DUTY_ACTS_MAX,
  type DutiesReport,
  type ReportDutiesInput,
  reportDutiesInput,
} from "../layers/authorization/duties-schema.ts";
import { judgeDuties } from "./duties/judge-duties.ts";
import { loadActs } from "./duties/load-acts.ts";
import { loadRoleGifts, nameParties } from "./duties/load-parties.ts";

/**
 * Separation of duties over a period: every act that needed two people, who asked and who decided, and where two
 * were not two or not free of each other. Requests that nobody decided are no acts.
 *
 * @throws ForbiddenError `not_permitted`.
 */
export async function reportDuties(ctx: VerbContext, input: ReportDutiesInput): Promise<DutiesReport> {
  requirePermission(ctx.actor, "audit.read");
  const period = reportDutiesInput.parse(input);
  const { acts: raw, reviews } = await loadActs(ctx.db, period, DUTY_ACTS_MAX + 1);
  const newest = raw.sort((a, b) => b.at.getTime() - a.at.getTime()).slice(0, DUTY_ACTS_MAX);
  const { acts, emails } = await nameParties(ctx.db, newest);
  const roleGifts = await loadRoleGifts(ctx.db, period);
  const countOf = (kind: string) => acts.filter((act) => act.kind === kind).length;
  return {
    ...period,
    acts,
    findings: judgeDuties({ acts, reviews, roleGifts, emails, now: ctx.now }),
    counts: Object.fromEntries(ACT_KINDS.map((kind) => [kind, countOf(kind)])) as DutiesReport["counts"],
    cut: raw.length > DUTY_ACTS_MAX,
  };
}
