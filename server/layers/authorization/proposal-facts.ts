import { permits } from "../../access/permissions.ts";
import { parseRoles } from "../../access/roles.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { PersonFacts } from "../../kernel/same-person.ts";
import type { PolicyChange } from "./change-schema.ts";
import { beneficiariesOf, type ProposalFacts } from "./engine/decide-proposal.ts";
import { proposalDigest } from "./engine/policy-digest.ts";
import type { ProposalRow } from "./proposal-store.ts";
import type { UserRow } from "./store.ts";

type Operator = Extract<Actor, { type: "operator" }>;

/** Accounts that bear on a decision: who decides, who proposed, to whom the change gives a say. */
export function accountsConcerned(
  proposal: Pick<ProposalRow, "proposedBy">,
  changes: readonly PolicyChange[],
  deciderId: string,
): string[] {
  return [deciderId, proposal.proposedBy, ...beneficiariesOf(changes)];
}

/** What the second person's table is asked: accounts as the database has them now. */
export function proposalFacts(loaded: {
  proposal: ProposalRow;
  /** From the base of the proposal to what it proposes. */
  changes: readonly PolicyChange[];
  /** From its base to the version that counts now. */
  changedMeanwhile: readonly PolicyChange[];
  currentVersion: number;
  users: ReadonlyMap<string, UserRow>;
  actor: Operator;
  now: Date;
}): ProposalFacts {
  const { proposal, changes, changedMeanwhile, currentVersion, users, actor, now } = loaded;
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
    beneficiaries: beneficiariesOf(changes).map(person),
    currentVersion,
    changedMeanwhile: changedMeanwhile.map(({ said }) => said),
    now,
  };
}

/** The proposal's digest, or a word that no decision names where the row is not what was digested: edited since. */
function trueDigest({ baseVersion, document, digest }: ProposalRow): string {
  return proposalDigest({ baseVersion, document }) === digest ? digest : "altered";
}
