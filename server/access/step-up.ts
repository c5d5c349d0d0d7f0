import { ForbiddenError } from "../kernel/errors.ts";
import type { OperatorSession } from "./read-session.ts";

/** How long a proof of the second factor counts for sensitive acts of the same session. */
export const STEP_UP_MINUTES = 5;

/**
 * The method of a second-factor proof that is recent enough for a sensitive act. A caller without a session
 * (an API key) can never have one: no script votes, releases or determines.
 *
 * @throws ForbiddenError `step_up_required`.
 */
export function stepUpOf(session: OperatorSession | null, now: Date): string {
  if (!session)
    throw new ForbiddenError(
      "step_up_required",
      "This needs a person with a second factor; an API key cannot do it. Sign in at the console.",
      { possible: false },
    );
  const { steppedUpAt, stepUpMethod } = session;
  const ageMs = steppedUpAt ? now.getTime() - steppedUpAt.getTime() : Number.POSITIVE_INFINITY;
  if (!stepUpMethod || ageMs < 0 || ageMs > STEP_UP_MINUTES * 60_000)
    throw new ForbiddenError(
      "step_up_required",
      `Confirm that it is you: enter the six digits of your authenticator app. The confirmation counts for ${STEP_UP_MINUTES} minutes.`,
      { possible: true, minutes: STEP_UP_MINUTES },
    );
  return stepUpMethod;
}
