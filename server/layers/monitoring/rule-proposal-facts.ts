import { permits } from "../../access/permissions.ts";
import { parseRoles } from "../../access/roles.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { RuleProposalFacts } from "./engine/rules/decide-rule-proposal.ts";
import { ruleProposalDigest } from "./engine/rules/rule-digest.ts";
import type { Account, RuleProposalRow } from "./rule-proposal-store.ts";

/** What the second person's table is asked: accounts as the database has them now. */
export function ruleProposalFacts(loaded: {
  proposal: RuleProposalRow;
  currentVersion: number;
  accounts: ReadonlyMap<string, Account>;
  actor: Extract<Actor, { type: "operator" }>;
  now: Date;
}): RuleProposalFacts {
  const { proposal, currentVersion, accounts, actor, now } = loaded;
  const row = accounts.get(actor.id);
  return {
    decider: {
      id: actor.id,
      email: row?.email ?? actor.email,
      mayDecide: row !== undefined && permits(parseRoles(row.roles), "rules.decide"),
      disabled: row === undefined || row.disabledAt !== null,
      inPerson: actor.sessionId !== null && actor.apiKeyId === undefined,
    },
    proposal: { ...proposal, digest: trueDigest(proposal) },
    proposer: accounts.get(proposal.proposedBy) ?? "unknown",
    ...{ currentVersion, now },
  };
}

/** The proposal's digest, or a word that no decision names where the row is not what was digested: edited since. */
function trueDigest({ baseVersion, document, digest }: RuleProposalRow): string {
  return ruleProposalDigest({ baseVersion, document }) === digest ? digest : "altered";
}
