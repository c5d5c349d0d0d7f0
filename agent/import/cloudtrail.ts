import { z } from "zod";

/** One recorded API call of a cloud account, as `docs/import-cloudtrail.md` describes it. */
export const recordedCall = z.object({
  principal: z.string().nullish(),
  at: z.iso.datetime(),
  action: z.string().min(1).max(128),
  endpoint: z.string().min(1).max(256),
  region: z.string().nullish(),
  sourceIp: z.string().nullish(),
  userAgent: z.string().nullish(),
  error: z.string().nullish(),
  resources: z.array(z.string()).nullish(),
  eventId: z.string().nullish(),
});
export type RecordedCall = z.infer<typeof recordedCall>;

/** The action an agent reports for a recorded call; `at` is moved so that the record's end falls on now. */
export type ImportedAction = {
  action: string;
  at: string;
  endpoint: string;
  sourceIp?: string;
  subjects?: string[];
  details: Record<string, string>;
};

const NAME_MAX = 63;
const SUBJECTS_MAX = 16;
const SUBJECT_MAX = 256;
const IP = /^(\d{1,3}\.){3}\d{1,3}$|^[0-9a-f:]+:[0-9a-f:]+$/i;

/**
 * The agent that stands for a principal: its name in the grammar of agent names. Calls that name no
 * principal are one agent, `unnamed-principal`.
 */
export function agentNameOf(principal: string | null | undefined): string {
  const name = (principal ?? "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, NAME_MAX)
    .replace(/^-+|-+$/g, "");
  return name || "unnamed-principal";
}

/**
 * Turns a recorded call into an action: `s3.amazonaws.com` `GetBucketPolicy` becomes `s3:GetBucketPolicy`,
 * which the scope policy maps by its verb. What the action does not carry stays in `details`.
 *
 * @param shiftMs added to the recorded instant.
 */
export function actionOf(call: RecordedCall, shiftMs: number): ImportedAction {
  const service = call.endpoint.split(".")[0] ?? call.endpoint;
  const details = {
    region: call.region,
    userAgent: call.userAgent,
    error: call.error,
    eventId: call.eventId,
    recordedAt: call.at,
  };
  return {
    action: `${service}:${call.action}`,
    at: new Date(Date.parse(call.at) + shiftMs).toISOString(),
    endpoint: call.endpoint,
    ...(call.sourceIp && IP.test(call.sourceIp) ? { sourceIp: call.sourceIp } : {}),
    ...(call.resources?.length
      ? { subjects: call.resources.slice(0, SUBJECTS_MAX).map((r) => r.slice(0, SUBJECT_MAX)) }
      : {}),
    details: Object.fromEntries(
      Object.entries(details).filter((entry): entry is [string, string] => Boolean(entry[1])),
    ),
  };
}

/** How far the record must be moved so that its last call happens at `now`, in milliseconds. */
export function shiftToNow(calls: readonly RecordedCall[], now: number): number {
  return (
    now - calls.reduce((latest, call) => Math.max(latest, Date.parse(call.at)), Number.NEGATIVE_INFINITY)
  );
}
