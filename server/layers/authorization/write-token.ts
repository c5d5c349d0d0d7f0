import { and, inArray, isNull } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { accessTokens, grants } from "../../../db/schema/index.ts";
import { randomSecret } from "../../kernel/ids.ts";
import type { ScopeDecision } from "./engine/decide-scopes.ts";
import { writeDetails } from "./engine/read-details.ts";
import type { TokenAsk, TokenDecision } from "./issue-token.ts";
import type { ScopePolicy } from "./policy-schema.ts";
import type { GrantRow } from "./store.ts";

/**
 * Writes the row of a token that was decided, in the caller's transaction: it ends with its longest life by the policy,
 * its certificate or the first of its grants, and marks grants that are used for the first time.
 *
 * @param held the agent's live grants, as they were read.
 */
export async function writeToken(
  tx: Tx,
  ask: TokenAsk,
  policy: ScopePolicy,
  granted: ScopeDecision["granted"],
  held: readonly GrantRow[],
): Promise<NonNullable<TokenDecision["token"]>> {
  const { now } = ask;
  const ends = [
    now.getTime() + policy.tokenSecondsMax * 1000,
    ask.boundUntil.getTime(),
    ...granted.flatMap((it) => (it.expiresAt ? [it.expiresAt.getTime()] : [])),
  ];
  const token = {
    jti: randomSecret(16),
    scopes: granted.map((it) => it.scope),
    grantIds: granted.flatMap((it) => it.grantIds),
    restsOn: [...new Set(granted.flatMap((it) => it.restsOn))],
    authorizationDetails: writeDetails(granted),
    policyVersion: policy.version,
    issuedAt: wholeSecond(now.getTime()),
    expiresAt: wholeSecond(Math.min(...ends)),
  };
  await tx.insert(accessTokens).values({
    ...{ ...token, agentId: ask.agentId, thumbprint: ask.thumbprint },
    jkt: ask.proof?.jkt ?? null,
  });
  const unused = held.filter((grant) => grant.activatedAt === null && token.grantIds.includes(grant.id));
  if (unused.length > 0)
    await tx
      .update(grants)
      .set({ activatedAt: now })
      .where(and(inArray(grants.id, token.grantIds), isNull(grants.activatedAt)));
  return token;
}

function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}
