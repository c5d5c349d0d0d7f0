import { and, eq } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { agentClaims, agents } from "../../db/schema/index.ts";
import type { Role } from "../access/permissions.ts";
import type { Actor } from "../kernel/actor.ts";
import { present } from "../kernel/ensure.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { attestClaim } from "../layers/identity/attest-claim.ts";
import type { FactsContext } from "../layers/identity/attester.ts";
import {
  CLAIMS,
  type Claim,
  type ClaimValue,
  type PersonAuthority,
} from "../layers/identity/facts-schema.ts";
import { readFacts } from "../layers/identity/read-facts.ts";
import { stateClaim } from "../layers/identity/state-claim.ts";
import { withdrawAttestation } from "../layers/identity/withdraw-attestation.ts";
import { DEMO_FACTS, type DemoFacts } from "./demo-facts.ts";

type Account = { id: string; email: string; role: Role };
type Cast = { stater: FactsContext } & Record<PersonAuthority, FactsContext>;

/** Written where a person's second factor is named: these acts were the seed's, not theirs. */
const STEP_UP = "demo-seed";

/**
 * Lets the demo bank's people state and attest what DEMO_FACTS says, through the verbs that they would use. An
 * agent of which a level was claimed before is left as it is.
 *
 * @param keys the console's store, which holds the authorities' keys.
 * @param accounts the demo's people; the administrator owns the agents.
 */
export async function seedDemoFacts(
  db: Database,
  keys: KeyStore,
  accounts: readonly Account[],
  now: Date,
): Promise<void> {
  const as = (role: Role): FactsContext => ({ db, keys, now, actor: operator(accounts, role) });
  const cast: Cast = {
    ...{ stater: as("approver"), "business-owner": as("admin") },
    ...{ compliance: as("compliance"), "security-review": as("analyst") },
  };
  for (const [name, wanted] of Object.entries(DEMO_FACTS))
    if (!(await hasClaimedLevel(db, name))) await seedAgent(cast, name, wanted);
}

function operator(accounts: readonly Account[], role: Role): Actor {
  const account = accounts.find((one) => one.role === role);
  const { id, email } = present(account, `the demo's ${role}`);
  return { type: "operator", id, email, roles: [role], sessionId: STEP_UP };
}

async function hasClaimedLevel(db: Database, name: string): Promise<boolean> {
  const [found] = await db
    .select({ id: agentClaims.id })
    .from(agentClaims)
    .innerJoin(agents, eq(agents.id, agentClaims.agentId))
    .where(and(eq(agents.name, name), eq(agentClaims.claim, "compliance_level")))
    .limit(1);
  return found !== undefined;
}

async function seedAgent(cast: Cast, name: string, wanted: DemoFacts): Promise<void> {
  const digests = await stateAll(cast, name, wanted.facts);
  for (const [claim, authority] of wanted.attested) {
    const digest = present(digests.get(claim), `the digest of ${claim}`);
    const given = await attestClaim(cast[authority], { name, claim, authority, digest }, STEP_UP);
    const { withdrawn } = wanted;
    if (withdrawn?.of[0] !== claim || withdrawn.of[1] !== authority) continue;
    const wish = { attestationId: given.attestationId, reason: withdrawn.reason };
    await withdrawAttestation(cast[authority], wish, STEP_UP);
  }
}

/** States what is not stated yet. @returns the digest of each claim that is, by claim. */
async function stateAll(cast: Cast, name: string, facts: DemoFacts["facts"]): Promise<Map<Claim, string>> {
  const before = await readFacts(cast.stater, { name });
  const digests = new Map(before.claims.map((one) => [one.claim, one.digest]));
  const wanted: Partial<Record<Claim, ClaimValue>> = facts;
  for (const claim of CLAIMS) {
    const value = wanted[claim];
    if (!value || digests.get(claim)) continue;
    digests.set(claim, (await stateClaim(cast.stater, { name, claim, value, replaces: null })).digest);
  }
  return new Map([...digests].flatMap(([claim, digest]) => (digest ? [[claim, digest] as const] : [])));
}
