import { z } from "zod";
import type { Tx } from "../../../db/client.ts";
import { grantsById, namesOfAgents, type RecordRow, scopesByToken, trustUpTo } from "./dry-run-store.ts";
import type { ActionsFact, TokenFact } from "./engine/dry-run.ts";
import type { ScopePolicy } from "./policy-schema.ts";
import { policiesByVersion } from "./proposal-store.ts";
import type { GrantRow } from "./store.ts";

/** What a dry-run reads of a token's record. */
const tokenBody = z.object({
  grantIds: z.array(z.string()).default([]),
  details: z.object({
    scopes: z.array(z.string()).default([]),
    refused: z.array(z.object({ scope: z.string(), rule: z.string() })).default([]),
    expiresAt: z.iso.datetime().optional(),
    trust: z.object({ score: z.number() }).optional(),
  }),
});

/** What it reads of a signed request's. */
const actionsBody = z.object({
  actions: z.record(z.string(), z.number()).default({}),
  policyVersion: z.number().int().optional(),
  request: z.object({ tokenId: z.string() }).optional(),
  details: z.object({ code: z.string().optional() }).default({}),
});

type Token = { row: RecordRow; agentId: string; body: z.infer<typeof tokenBody> };
type Actions = { row: RecordRow; agentId: string; body: z.infer<typeof actionsBody> };

/** The facts that a batch of records tells, with the grants, tokens, trust and versions that they name. */
export async function factsOf(
  tx: Tx,
  rows: readonly RecordRow[],
  policies: Map<number, ScopePolicy>,
): Promise<{ tokens: TokenFact[]; actions: ActionsFact[] }> {
  const { tokens, actions } = parse(rows);
  const names = await namesOfAgents(
    tx,
    [...tokens, ...actions].map(({ agentId }) => agentId),
  );
  const grants = await grantsById(
    tx,
    tokens.flatMap(({ body }) => body.grantIds),
  );
  const newest = rows[0]?.at ?? new Date(0);
  const untold = tokens.filter(({ body }) => body.details.trust === undefined);
  const trust = await trustUpTo(
    tx,
    untold.map(({ agentId }) => agentId),
    new Date(newest.getTime() + 1),
  );
  const jtis = actions.flatMap(({ body }) => (body.request ? [body.request.tokenId] : []));
  const scopes = await scopesByToken(tx, jtis);
  const versions = actions.flatMap(({ body }) => body.policyVersion ?? []);
  const unread = [...new Set(versions)].filter((version) => !policies.has(version));
  for (const [version, policy] of await policiesByVersion(tx, unread)) policies.set(version, policy);
  const said = ({ row, agentId }: Token | Actions) => ({
    ...{ id: row.id, at: row.at },
    agent: { id: agentId, name: names.get(agentId) ?? agentId },
  });
  return {
    tokens: tokens.map((token) => {
      const kept = trust.get(token.agentId)?.find(({ at }) => at <= token.row.at)?.score ?? null;
      return { ...said(token), ...tokenFact(token, grants), trust: token.body.details.trust?.score ?? kept };
    }),
    actions: actions.map((entry) => ({
      ...said(entry),
      policy: policies.get(entry.body.policyVersion ?? 0) ?? null,
      actions: entry.body.actions,
      scopes: scopes.get(entry.body.request?.tokenId ?? "") ?? null,
    })),
  };
}

function parse(rows: readonly RecordRow[]): { tokens: Token[]; actions: Actions[] } {
  const tokens: Token[] = [];
  const actions: Actions[] = [];
  for (const row of rows) {
    if (row.agentId === null) continue;
    const said: unknown = JSON.parse(row.body.toString("utf8"));
    if (row.kind === "agent.actions") {
      const body = actionsBody.safeParse(said);
      // A request that was refused as a whole was not judged by its scopes.
      if (body.success && body.data.details.code === undefined)
        actions.push({ row, agentId: row.agentId, body: body.data });
    } else {
      const body = tokenBody.safeParse(said);
      if (body.success) tokens.push({ row, agentId: row.agentId, body: body.data });
    }
  }
  return { tokens, actions };
}

/** Grants as they were at the time: what ended them since is put aside. */
function tokenFact(
  { row, body }: Token,
  grants: ReadonlyMap<string, GrantRow>,
): Pick<TokenFact, "granted" | "refused" | "lifeSeconds"> {
  const held = body.grantIds.flatMap((id) => grants.get(id) ?? []);
  const ends = body.details.expiresAt;
  return {
    granted: body.details.scopes.map((scope) => ({
      scope,
      grants: held.filter((it) => it.scope === scope).map((it) => ({ ...it, revokedAt: null })),
    })),
    refused: body.details.refused,
    lifeSeconds: ends === undefined ? null : (Date.parse(ends) - row.at.getTime()) / 1000,
  };
}
