import { notify } from "../../../db/listen.ts";
import { ruleProposals } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError, ForbiddenError, InvalidInputError, NotFoundError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { currentRules } from "./current-rules.ts";
import { diffRules } from "./engine/rules/diff-rules.ts";
import { ruleProposalDigest } from "./engine/rules/rule-digest.ts";
import { readProposedRules } from "./read-proposed-rules.ts";
import { type ProposeRulesInput, proposeRulesInput, RULE_PROPOSAL_OPEN_MS } from "./rule-change-schema.ts";
import { ruleSetsByVersion } from "./rule-proposal-store.ts";

/**
 * Proposes a new version of the detection rules: rules put in place or taken out, or an earlier version again. It
 * changes nothing until somebody else approves it, and ends after seven days.
 *
 * @throws ForbiddenError `not_permitted`, `person_needed`. @throws InvalidInputError `rules_invalid`, also where an
 * example of a rule fails, `nothing_changes`. @throws NotFoundError `version_unknown`.
 * @throws ConflictError `rules_moved_on` where the base is not the version that counts now.
 */
export async function proposeRules(
  ctx: VerbContext,
  input: ProposeRulesInput,
): Promise<{ proposalId: string; digest: string }> {
  requirePermission(ctx.actor, "rules.change");
  const sent = proposeRulesInput.parse(input);
  const { baseVersion, reason } = sent;
  const { actor, now } = ctx;
  if (actor.type !== "operator")
    throw new ForbiddenError("person_needed", "A change of the rules is proposed by a person.");
  return ctx.db.transaction(async (tx) => {
    const base = await currentRules(tx);
    if (base.version !== baseVersion)
      throw new ConflictError(
        "rules_moved_on",
        `Version ${base.version} of the rules counts now, not ${baseVersion}. Make your change to version ${base.version}.`,
        { currentVersion: base.version, baseVersion },
      );
    const earlier =
      "rollBackTo" in sent
        ? (await ruleSetsByVersion(tx, [sent.rollBackTo])).get(sent.rollBackTo)
        : undefined;
    if ("rollBackTo" in sent && !earlier)
      throw new NotFoundError("version_unknown", `There is no version ${sent.rollBackTo} of the rules.`);
    const document = readProposedRules(base, "rollBackTo" in sent ? { earlier: earlier ?? base } : sent);
    const changes = diffRules(base, document);
    if (changes.length === 0)
      throw new InvalidInputError("nothing_changes", "The rules that you sent are those that count now.");
    const id = uuidv7(now.getTime());
    const digest = ruleProposalDigest({ baseVersion, document });
    await tx.insert(ruleProposals).values({
      ...{ id, baseVersion, document, digest, reason, proposedBy: actor.id, proposedAt: now },
      expiresAt: new Date(now.getTime() + RULE_PROPOSAL_OPEN_MS),
    });
    await appendRecord(tx, {
      kind: "rules.proposed",
      actor,
      now,
      details: {
        ...{ proposalId: id, baseVersion, digest, reason },
        changes: changes.map(({ rule, how, loosens, said }) => ({ rule, how, loosens, said })),
        rollBackTo: "rollBackTo" in sent ? sent.rollBackTo : undefined,
        byApiKey: actor.apiKeyId !== undefined ? true : undefined,
      },
    });
    await notify(tx, "rules", id);
    return { proposalId: id, digest };
  });
}
