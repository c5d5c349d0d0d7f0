import { notify } from "../../../db/listen.ts";
import { policyProposals } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError, ForbiddenError, InvalidInputError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { readProposed, requireAccounts } from "./check-document.ts";
import { currentPolicy } from "./current-policy.ts";
import { namedAccounts } from "./engine/beneficiaries.ts";
import { said } from "./engine/decide-proposal.ts";
import { diffPolicies } from "./engine/diff-policies.ts";
import { proposalDigest } from "./engine/policy-digest.ts";
import { PROPOSAL_OPEN_MS, type ProposePolicyInput, proposePolicyInput } from "./proposal-schema.ts";
import { policiesByVersion } from "./proposal-store.ts";

/**
 * Proposes a new version of the scope policy, whole or as a patch of the version that counts now. It changes
 * nothing until somebody else approves it, and ends after seven days.
 *
 * @throws ForbiddenError `not_permitted`, `person_needed`. @throws InvalidInputError `policy_invalid`,
 * `person_unknown`, `nothing_changes`. @throws ConflictError `policy_moved_on` where the base is not the version
 * that counts now, saying what changed meanwhile.
 */
export async function proposePolicy(
  ctx: VerbContext,
  input: ProposePolicyInput,
): Promise<{ proposalId: string; digest: string }> {
  requirePermission(ctx.actor, "policy.change");
  const { baseVersion, reason, ...sent } = proposePolicyInput.parse(input);
  const { actor, now } = ctx;
  if (actor.type !== "operator")
    throw new ForbiddenError("person_needed", "A change of the policy is proposed by a person.");
  return ctx.db.transaction(async (tx) => {
    const base = await currentPolicy(tx);
    if (base.version !== baseVersion) {
      const was = (await policiesByVersion(tx, [baseVersion])).get(baseVersion);
      const changed = was ? diffPolicies(was, base).map((it) => it.said) : [];
      throw new ConflictError(
        "policy_moved_on",
        `Version ${base.version} of the policy counts now, not ${baseVersion}. ${said(changed)}Make your change to version ${base.version}.`,
        { currentVersion: base.version, baseVersion },
      );
    }
    const document = readProposed(base, sent);
    const changes = diffPolicies(base, document);
    if (changes.length === 0)
      throw new InvalidInputError("nothing_changes", "The policy that you sent is the one that counts now.");
    await requireAccounts(tx, namedAccounts(changes));
    const id = uuidv7(now.getTime());
    const digest = proposalDigest({ baseVersion, document });
    const expiresAt = new Date(now.getTime() + PROPOSAL_OPEN_MS);
    await tx.insert(policyProposals).values({
      ...{ id, baseVersion, document, digest, reason, expiresAt },
      proposedBy: actor.id,
      proposedAt: now,
    });
    await appendRecord(tx, {
      kind: "policy.proposed",
      actor,
      now,
      policyVersion: baseVersion,
      details: {
        ...{ proposalId: id, digest, reason, changes },
        byApiKey: actor.apiKeyId !== undefined ? true : undefined,
      },
    });
    await notify(tx, "policy", id);
    return { proposalId: id, digest };
  });
}
