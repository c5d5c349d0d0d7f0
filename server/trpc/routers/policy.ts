import { z } from "zod";
import { policyChange } from "../../layers/authorization/change-schema.ts";
import { decideProposal } from "../../layers/authorization/decide-proposal.ts";
import { diffPolicyVersions } from "../../layers/authorization/diff-policy-versions.ts";
import { dryRunPolicy } from "../../layers/authorization/dry-run-policy.ts";
import { dryRunResult } from "../../layers/authorization/dryrun-schema.ts";
import { listPolicyVersions } from "../../layers/authorization/list-policy-versions.ts";
import { listProposals } from "../../layers/authorization/list-proposals.ts";
import { previewPolicy } from "../../layers/authorization/preview-policy.ts";
import {
  currentPolicyView,
  decideProposalInput,
  diffVersionsInput,
  dryRunInput,
  listProposalsInput,
  listVersionsInput,
  policyVersionInput,
  policyVersionRow,
  policyVersionView,
  previewPolicyInput,
  proposalView,
  proposePolicyInput,
  withdrawProposalInput,
} from "../../layers/authorization/proposal-schema.ts";
import { proposePolicy } from "../../layers/authorization/propose-policy.ts";
import { readCurrentPolicy } from "../../layers/authorization/read-current-policy.ts";
import { readPolicyVersion } from "../../layers/authorization/read-policy-version.ts";
import { withdrawProposal } from "../../layers/authorization/withdraw-proposal.ts";
import { operatorProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

/** The scope policy: what counts, what counted, what is proposed, and deciding it by two people. */
export const policyRouter = router({
  current: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/policy", summary: "The scope policy that counts now" } })
    .output(currentPolicyView)
    .query(({ ctx }) => readCurrentPolicy(verbContext(ctx))),
  versions: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/policy/versions", summary: "Versions, newest first" } })
    .input(listVersionsInput)
    .output(z.object({ versions: z.array(policyVersionRow), before: z.number().int().nullable() }))
    .query(({ ctx, input }) => listPolicyVersions(verbContext(ctx), input)),
  version: operatorProcedure
    .meta({
      openapi: { method: "GET", path: "/policy/versions/{version}", summary: "One version, whole" },
    })
    .input(policyVersionInput)
    .output(policyVersionView)
    .query(({ ctx, input }) => readPolicyVersion(verbContext(ctx), input)),
  diff: operatorProcedure
    .meta({
      openapi: { method: "GET", path: "/policy/diff", summary: "In what two versions differ, and which way" },
    })
    .input(diffVersionsInput)
    .output(z.object({ changes: z.array(policyChange) }))
    .query(({ ctx, input }) => diffPolicyVersions(verbContext(ctx), input)),
  proposals: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/policy/proposals", summary: "Proposals, newest first" } })
    .input(listProposalsInput)
    .output(z.object({ proposals: z.array(proposalView) }))
    .query(({ ctx, input }) => listProposals(verbContext(ctx), input)),
  /** A mutation for the same reason as `dryRun`. */
  preview: operatorProcedure
    .input(previewPolicyInput)
    .output(z.object({ changes: z.array(policyChange), currentVersion: z.number().int() }))
    .mutation(({ ctx, input }) => previewPolicy(verbContext(ctx), input)),
  propose: operatorProcedure
    .meta({
      openapi: {
        method: "POST",
        path: "/policy/proposals",
        summary: "Propose a new version; another decides",
      },
    })
    .input(proposePolicyInput)
    .output(z.object({ proposalId: z.uuid(), digest: z.string() }))
    .mutation(({ ctx, input }) => proposePolicy(verbContext(ctx), input)),
  withdraw: operatorProcedure
    .input(withdrawProposalInput)
    .mutation(({ ctx, input }) => withdrawProposal(verbContext(ctx), input)),
  decide: steppedUpProcedure
    .input(decideProposalInput)
    .output(z.object({ version: z.number().int().nullable() }))
    .mutation(({ ctx, input }) => decideProposal(verbContext(ctx), input, ctx.stepUp)),
  /** A mutation, because a whole policy has no room in an address; it changes nothing. */
  dryRun: operatorProcedure
    .meta({
      openapi: {
        method: "POST",
        path: "/policy/dry-runs",
        summary: "What a policy would have decided otherwise in the last seven days",
      },
    })
    .input(dryRunInput)
    .output(dryRunResult)
    .mutation(({ ctx, input }) => dryRunPolicy(verbContext(ctx), input)),
});
