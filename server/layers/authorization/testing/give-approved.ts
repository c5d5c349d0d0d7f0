import type { Database } from "../../../../db/client.ts";
import type { GrantLimits } from "../limits-schema.ts";
import { readApproval } from "../read-approval.ts";
import { requestApproval } from "../request-approval.ts";
import { voteOnApproval } from "../vote-on-approval.ts";
import { makePerson } from "./people-and-agents.ts";

/** A grant for a time, through the only door there is: somebody asks, and as many others as are needed approve. */
export async function giveApproved(
  db: Database,
  give: {
    agent: string;
    scope: string;
    seconds: number;
    now: Date;
    limits?: GrantLimits | null;
    /** What it is for; one request of an agent's for one thing waits at a time. */
    resource?: string;
  },
): Promise<string> {
  const { agent, scope, seconds, now, limits = null, resource = null } = give;
  const asker = { db, now, actor: await makePerson(db, ["analyst"]) };
  const wish = { agent, scope, durationSeconds: seconds, limits, resource, reason: "For a test" };
  const { approvalId: id } = await requestApproval(asker, wish);
  const { digest, votesNeeded } = await readApproval(asker, id);
  for (let vote = 1; vote <= votesNeeded; vote++) {
    const approver = { db, now, actor: await makePerson(db, ["approver"]) };
    const yes = { id, digest, vote: "approve" as const, reason: "Looked at it" };
    const { grantId } = await voteOnApproval(approver, yes, "totp");
    if (grantId) return grantId;
  }
  throw new Error(`${scope} was not granted`);
}
