import type { ContainmentStep } from "../schema.ts";

/** Whoever contains takes the steps at once; what is missing after this was left behind by a crash. */
export const LEFT_BEHIND_MS = 3_000;
/** Between two attempts at a step that fails. */
export const RETRY_MS = 5_000;

const TAKEN: readonly ContainmentStep[] = ["snapshot", "incident", "alert"];

/** Whether a containment has steps that somebody should take now: missing since a while, or failed a while ago. */
export function isLeftBehind(
  containment: { requestedAt: Date },
  steps: readonly { step: string; status: string; finishedAt: Date | null }[],
  now: Date,
): boolean {
  return TAKEN.some((name) => {
    const row = steps.find(({ step }) => step === name);
    if (!row) return now.getTime() - containment.requestedAt.getTime() > LEFT_BEHIND_MS;
    return row.status === "failed" && now.getTime() - (row.finishedAt?.getTime() ?? 0) > RETRY_MS;
  });
}
