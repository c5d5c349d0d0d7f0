import type { z } from "zod";
import type { Database } from "../../db/client.ts";
import { determinationDigest } from "./engine/determination-digest.ts";
import { findRecord } from "./find-record.ts";
import { personOf } from "./person-of.ts";
import type { Outcome, Worksheet } from "./schema.ts";
import type { DeterminationRow } from "./store.ts";
import type { determinationView } from "./views.ts";

/** A determination with its digest computed anew, and whether that is the one its audit record has. */
export async function viewDetermination(
  db: Database,
  row: DeterminationRow,
  superseded: boolean,
  emails: Map<string, string>,
): Promise<z.infer<typeof determinationView>> {
  const { id, reason, determinedAt, stepUp, supersedes } = row;
  const worksheet = row.worksheet as Worksheet;
  const digest = determinationDigest({ ...row, worksheet });
  const recorded = (await findRecord(db, "incident.determined", id))?.digest;
  return {
    id,
    outcome: row.outcome as Outcome,
    worksheet,
    reason,
    determinedBy: personOf(row.determinedBy, emails),
    determinedAt,
    stepUp,
    supersedes,
    superseded,
    digest,
    intact: digest === recorded,
  };
}
