import type { Tx } from "../../db/client.ts";
import { incidentFacts } from "../../db/schema/index.ts";
import { type Actor, actorRecord } from "../kernel/actor.ts";
import { uuidv7 } from "../kernel/ids.ts";
import type { FactKind } from "./schema.ts";

/**
 * Appends a fact to an incident's history, in the caller's transaction, which also writes the audit record.
 *
 * @returns the fact's id.
 */
export async function appendFact(
  tx: Tx,
  fact: {
    incidentId: string;
    kind: FactKind;
    /** When it happened, as far as known; `now` is when it was written down. */
    at: Date;
    summary: string;
    detail?: Record<string, unknown>;
    supersedes?: string;
    actor: Actor;
    now: Date;
  },
): Promise<string> {
  const id = uuidv7(fact.now.getTime());
  await tx.insert(incidentFacts).values({
    id,
    incidentId: fact.incidentId,
    kind: fact.kind,
    at: fact.at,
    recordedAt: fact.now,
    actor: actorRecord(fact.actor).id,
    summary: fact.summary,
    detail: fact.detail ?? {},
    supersedes: fact.supersedes ?? null,
  });
  return id;
}
