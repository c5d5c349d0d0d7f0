import { and, eq, inArray } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { containments } from "../../db/schema/index.ts";
import { CONTAINMENT_STEPS } from "./schema.ts";
import { containmentById, stepsOf } from "./store.ts";

/** Says of a containment whether all of its steps are done, one has failed, or some are still to come. */
export async function settleContainment(
  db: Database,
  containmentId: string,
): Promise<"running" | "partial" | "done"> {
  return db.transaction(async (tx) => {
    const before = await containmentById(tx, containmentId, true);
    const steps = await stepsOf(tx, containmentId);
    const status = steps.some((step) => step.status === "failed")
      ? "partial"
      : steps.length === CONTAINMENT_STEPS.length
        ? "done"
        : "running";
    if (before.status !== status) {
      await tx
        .update(containments)
        .set({ status })
        .where(
          and(
            eq(containments.id, containmentId),
            inArray(containments.status, ["running", "partial", "done"]),
          ),
        );
      await notify(tx, "containment", containmentId);
    }
    return status;
  });
}
