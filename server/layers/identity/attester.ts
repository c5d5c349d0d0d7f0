import { permits } from "../../access/permissions.ts";
import { parseRoles } from "../../access/roles.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { PersonFacts } from "../../kernel/same-person.ts";
import type { KeyStore } from "../../keys/key-store.ts";
import type { AttestationRequest, Attester } from "./engine/decide-attestation.ts";
import type { Claim, PersonAuthority } from "./facts-schema.ts";
import type { attestersOf, PersonRow } from "./facts-store.ts";
import type { LoadedFacts } from "./load-facts.ts";

/** What the verbs of facts are given: also the console's key store, which holds the authorities' keys. */
export type FactsContext = VerbContext & { keys: KeyStore };

type Before = Awaited<ReturnType<typeof attestersOf>>;

/** The actor as one who may attest or not: roles and account as the database has them now. */
export function attesterOf(actor: Actor, row: PersonRow | undefined): Attester {
  const operator = actor.type === "operator" ? actor : null;
  const roles = row ? parseRoles(row.roles) : [];
  return {
    id: operator?.id ?? "",
    email: row?.email ?? operator?.email ?? "",
    disabled: row === undefined || row.disabledAt !== null,
    inPerson: operator !== null && operator.sessionId !== null && operator.apiKeyId === undefined,
    speaksFor: {
      compliance: permits(roles, "facts.attestCompliance"),
      "security-review": permits(roles, "facts.attestSecurity"),
    },
  };
}

/** The agent's owner as the four-eyes tables want it. */
export function ownerOf({ agent, people }: LoadedFacts): PersonFacts | null | "unknown" {
  return agent.ownerId === null ? null : (people.get(agent.ownerId) ?? "unknown");
}

/** What the table of attestations is asked about one claim and authority. */
export function attestationRequest(
  loaded: LoadedFacts,
  attester: Attester,
  about: { claim: Claim; authority: PersonAuthority; before: Before; people: ReadonlyMap<string, PersonRow> },
): AttestationRequest {
  const { claim, authority, people } = about;
  const stated = loaded.facts.claims.find((one) => one.claim === claim) ?? null;
  return {
    ...{ attester, claim, authority, stated, owner: ownerOf(loaded), agent: loaded.agent },
    before: about.before
      .filter((one) => one.claim === claim && one.digest === stated?.digest)
      .map((one) => ({
        authority: one.authority as PersonAuthority,
        attester: people.get(one.attestedBy) ?? "unknown",
      })),
  };
}
