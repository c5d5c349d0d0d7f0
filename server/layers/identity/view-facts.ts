import { attestationRequest, ownerOf } from "./attester.ts";
import { type Attester, mayAttest, mayWithdraw } from "./engine/decide-attestation.ts";
import { authoritiesFor, LIFE_DAYS_MAX, SECTIONS } from "./engine/facts-policy.ts";
import { type AuthorityStanding, judgeAuthority } from "./engine/judge-facts.ts";
import { judgeLevel } from "./engine/judge-level.ts";
import type { Authority } from "./facts-schema.ts";
import { type AuthorityView, CLAIMS, type Claim, type ClaimView, type FactsView } from "./facts-schema.ts";
import type { attestersOf, PersonRow } from "./facts-store.ts";
import type { LoadedFacts } from "./load-facts.ts";

type Viewer = {
  attester: Attester;
  before: Awaited<ReturnType<typeof attestersOf>>;
  people: ReadonlyMap<string, PersonRow>;
};

/** An agent's facts as the console shows them to one person: standings, and what that person may do about each. */
export function viewFacts(loaded: LoadedFacts, viewer: Viewer): FactsView {
  const { agent, facts, people } = loaded;
  return {
    agent: agent.name,
    ownerId: agent.ownerId,
    ownerEmail: people.get(agent.ownerId ?? "")?.email ?? null,
    level: judgeLevel(facts),
    claims: CLAIMS.map((claim) => viewClaim(loaded, viewer, claim)),
    daysMax: LIFE_DAYS_MAX,
  };
}

function viewClaim(loaded: LoadedFacts, viewer: Viewer, claim: Claim): ClaimView {
  const stated = loaded.facts.claims.find((one) => one.claim === claim);
  return {
    claim,
    value: stated?.value ?? null,
    digest: stated?.digest ?? null,
    published: SECTIONS[claim] !== null,
    statedBy: stated ? staterName(loaded, stated.stater) : null,
    statedAt: stated?.statedAt ?? null,
    authorities: authoritiesFor(claim).map((authority) => viewAuthority(loaded, viewer, claim, authority)),
  };
}

function staterName(
  { people }: LoadedFacts,
  stater: LoadedFacts["facts"]["claims"][number]["stater"],
): string {
  if (stater === "vigil") return "the register";
  return stater === "unknown" ? "an unknown account" : (people.get(stater.id)?.name ?? stater.email);
}

function viewAuthority(
  loaded: LoadedFacts,
  viewer: Viewer,
  claim: Claim,
  authority: Authority,
): AuthorityView {
  const judged = judgeAuthority(loaded.facts, claim, authority);
  const given = judged.attestation;
  const attester = given?.attester;
  return {
    authority,
    standing: judged.standing,
    detail: judged.detail,
    attestationId: given?.id ?? null,
    attestedBy:
      attester === undefined || attester === "unknown"
        ? null
        : (loaded.people.get(attester.id)?.name ?? null),
    attestedAt: given?.attestedAt ?? null,
    expiresAt: given?.expiresAt ?? judged.expiresAt,
    mayAttest: permission(loaded, viewer, claim, authority),
    mayWithdraw: withdrawable(loaded, viewer, judged),
  };
}

function permission(
  loaded: LoadedFacts,
  { attester, before, people }: Viewer,
  claim: Claim,
  authority: Authority,
): AuthorityView["mayAttest"] {
  if (authority === "issuing-ca") return null;
  const decision = mayAttest(attestationRequest(loaded, attester, { claim, authority, before, people }));
  return { allowed: decision.outcome === "allow", checks: decision.checks };
}

/** Only what would otherwise count is worth taking back. */
function withdrawable(loaded: LoadedFacts, { attester }: Viewer, judged: AuthorityStanding): boolean {
  if (judged.standing !== "attested" || !judged.attestation) return false;
  const { authority, attester: givenBy } = judged.attestation;
  return mayWithdraw({ attester, authority, givenBy, owner: ownerOf(loaded) }).outcome === "allow";
}
