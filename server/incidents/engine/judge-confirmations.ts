/** What is known of the gateways and what they have said of an epoch. */
export type ConfirmationFacts = {
  /** Ids of the gateways that were seen in the last five seconds. */
  live: readonly string[];
  confirmations: readonly { gatewayId: string; connectionsCut: number; confirmedAt: Date }[];
  requestedAt: Date;
};

/** A gateway whose state is older than this refuses everybody by itself, so its word is not needed any more. */
export const GATEWAY_SECONDS_MAX = 5;
/** From here on a live gateway that has not confirmed is a failure to show. */
export const CONFIRM_SECONDS_MAX = 10;

export type ConnectionsVerdict = { status: "confirmed" | "done" | "failed"; detail: string } | null;

/**
 * Whether every gateway that lives holds the denial: it has destroyed the agent's connections and said so.
 * Null while there is still time to wait.
 */
export function judgeConfirmations(facts: ConfirmationFacts, now: Date): ConnectionsVerdict {
  const { live, confirmations, requestedAt } = facts;
  const confirmed = new Set(confirmations.map((confirmation) => confirmation.gatewayId));
  const missing = live.filter((gateway) => !confirmed.has(gateway));
  const waited = (now.getTime() - requestedAt.getTime()) / 1_000;
  if (missing.length > 0)
    return waited < CONFIRM_SECONDS_MAX
      ? null
      : {
          status: "failed",
          detail: `${missing.length} of ${live.length} live gateways have not confirmed after ${CONFIRM_SECONDS_MAX} s: ${missing.join(", ")}.`,
        };
  if (live.length === 0 && confirmed.size === 0)
    return waited <= GATEWAY_SECONDS_MAX
      ? null
      : {
          status: "done",
          detail: "No gateway is alive, so no agent is admitted; one that starts reads the denial first.",
        };
  const cut = confirmations.reduce((sum, confirmation) => sum + confirmation.connectionsCut, 0);
  const gateways = confirmed.size === 1 ? "The gateway" : `All ${confirmed.size} gateways`;
  const connections = cut === 1 ? "1 open connection was" : `${cut} open connections were`;
  return {
    status: "confirmed",
    detail: `${gateways} confirmed the denial; ${connections} cut.`,
  };
}
