import { permits } from "../../access/permissions.ts";
import { parseRoles } from "../../access/roles.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { PersonFacts } from "../../kernel/same-person.ts";
import type { PolicyChange } from "./change-schema.ts";
import { beneficiariesOf } from "./engine/beneficiaries.ts";
import type { ProposalFacts } from "./engine/decide-proposal.ts";
import { proposalDigest } from "./engine/policy-digest.ts";
import type { ScopePolicy } from "./policy-schema.ts";
import type { ProposalRow } from "./proposal-store.ts";
import type { UserRow } from "./store.ts";

type Operator = Extract<Actor, { type: "operator" }>;

/** From the base of a proposal to what it proposes. */
export type Proposed = { base: ScopePolicy; after: ScopePolicy };

/** Accounts that bear on a decision: who decides, who proposed, to whom the change gives a say. */
export function accountsConcerned(
  proposal: Pick<ProposalRow, "proposedBy">,
  { base, after }: Proposed,
  deciderId: string,
): string[] {
  return [deciderId, proposal.proposedBy, ...beneficiariesOf(base, after)];
}

/** What the second person's table is asked: accounts as the database has them now. */
export function proposalFacts(loaded: {
  proposal: ProposalRow;
  proposed: Proposed;
  /** From its base to the version that counts now. */
  changedMeanwhile: readonly PolicyChange[];
  currentVersion: number;
  users: ReadonlyMap<string, UserRow>;
  actor: Operator;
  now: Date;
}): ProposalFacts {
  const { proposal, proposed, changedMeanwhile, currentVersion, users, actor, now } = loaded;
  const row = users.get(actor.id);
  const person = (id: string): PersonFacts | "unknown" => users.get(id) ?? "unknown";
  return {
    decider: {
      id: actor.id,
      email: row?.email ?? actor.email,
      mayDecide: row !== undefined && permits(parseRoles(row.roles), "policy.decide"),
      disabled: row === undefined || row.disabledAt !== null,
      inPerson: actor.sessionId !== null && actor.apiKeyId === undefined,
    },
    proposal: { ...proposal, digest: trueDigest(proposal) },
    proposer: person(proposal.proposedBy),
    beneficiaries: beneficiariesOf(proposed.base, proposed.after).map(person),
    currentVersion,
    changedMeanwhile: changedMeanwhile.map(({ said }) => said),
    now,
  };
}

/** The proposal's digest, or a word that no decision names where the row is not what was digested: edited since. */
function trueDigest({ baseVersion, document, digest }: ProposalRow): string {
  return proposalDigest({ baseVersion, document }) === digest ? digest : "altered";
}
