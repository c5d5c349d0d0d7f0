import { z } from "zod";
import { decideRuleProposal } from "../../layers/monitoring/decide-rule-proposal.ts";
import { listFirings } from "../../layers/monitoring/list-firings.ts";
import { listRuleProposals } from "../../layers/monitoring/list-rule-proposals.ts";
import { listRuleVersions } from "../../layers/monitoring/list-rule-versions.ts";
import { proposeRules } from "../../layers/monitoring/propose-rules.ts";
import { readRuleDryRun } from "../../layers/monitoring/read-rule-dry-run.ts";
import { readRules } from "../../layers/monitoring/read-rules.ts";
import {
  decideRuleProposalInput,
  listFiringsInput,
  listRuleProposalsInput,
  proposeRulesInput,
  ruleFiringView,
  ruleProposalView,
  ruleSetView,
  ruleVersionRow,
  withdrawRuleProposalInput,
} from "../../layers/monitoring/rule-change-schema.ts";
import {
  readRuleDryRunInput,
  ruleDryRunView,
  startRuleDryRunInput,
} from "../../layers/monitoring/rule-dry-run-schema.ts";
import { startRuleDryRun } from "../../layers/monitoring/start-rule-dry-run.ts";
import { withdrawRuleProposal } from "../../layers/monitoring/withdraw-rule-proposal.ts";
import { operatorProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

/** The detection rules: what counts, what fired, what is proposed, and trying rules on what was recorded. */
export const rulesRouter = router({
  current: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/rules", summary: "The detection rules that count now" } })
    .output(ruleSetView)
    .query(({ ctx }) => readRules(verbContext(ctx))),
  firings: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/rules/{rule}/firings", summary: "When a rule fired" } })
    .input(listFiringsInput)
    .output(z.object({ firings: z.array(ruleFiringView) }))
    .query(({ ctx, input }) => listFirings(verbContext(ctx), input)),
  versions: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/rules/versions", summary: "Versions, newest first" } })
    .output(z.object({ versions: z.array(ruleVersionRow) }))
    .query(({ ctx }) => listRuleVersions(verbContext(ctx))),
  proposals: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/rules/proposals", summary: "Proposals, newest first" } })
    .input(listRuleProposalsInput)
    .output(z.object({ proposals: z.array(ruleProposalView) }))
    .query(({ ctx, input }) => listRuleProposals(verbContext(ctx), input)),
  propose: operatorProcedure
    .meta({
      openapi: {
        method: "POST",
        path: "/rules/proposals",
        summary: "Propose other rules, or an earlier version again; another decides",
      },
    })
    .input(proposeRulesInput)
    .output(z.object({ proposalId: z.uuid(), digest: z.string() }))
    .mutation(({ ctx, input }) => proposeRules(verbContext(ctx), input)),
  withdraw: operatorProcedure
    .input(withdrawRuleProposalInput)
    .mutation(({ ctx, input }) => withdrawRuleProposal(verbContext(ctx), input)),
  decide: steppedUpProcedure
    .input(decideRuleProposalInput)
    .output(z.object({ version: z.number().int().nullable() }))
    .mutation(({ ctx, input }) => decideRuleProposal(verbContext(ctx), input, ctx.stepUp)),
  startDryRun: operatorProcedure
    .meta({
      openapi: {
        method: "POST",
        path: "/rules/dry-runs",
        summary: "Try rules on the last seven days; the worker does it",
      },
    })
    .input(startRuleDryRunInput)
    .output(z.object({ id: z.uuid() }))
    .mutation(({ ctx, input }) => startRuleDryRun(verbContext(ctx), input)),
  dryRun: operatorProcedure
    .meta({
      openapi: {
        method: "GET",
        path: "/rules/dry-runs/{id}",
        summary: "How far a dry-run has come, and its result",
      },
    })
    .input(readRuleDryRunInput)
    .output(ruleDryRunView)
    .query(({ ctx, input }) => readRuleDryRun(verbContext(ctx), input)),
});
