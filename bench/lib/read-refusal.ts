import type { Answer } from "../../server/gateway/testing/test-agent.ts";

/** What the gateways say to a revoked certificate or token, and whether they also end its connections. */
export type Refusal = { code: "certificate_revoked" | "token_revoked"; cutsConnections: boolean };

/** What became of one request: an answer, or the error that took its place. */
export type Outcome = { answer: Answer } | { error: unknown };

const CUT: readonly string[] = ["ECONNRESET", "EPIPE", "ECONNABORTED"];

/**
 * Whether a request was refused for the very reason that is measured: 401 with its code, or, where connections end with
 * it, one that was cut or whose handshake was answered with an alert. Only an admitted request (202) is none.
 *
 * @throws Error for anything else: a gateway that is away, stale or broken must not count as a quick refusal.
 */
export function isRefused(outcome: Outcome, { code, cutsConnections }: Refusal): boolean {
  if ("error" in outcome) {
    const { error } = outcome;
    const said = String((error as { code?: unknown } | null)?.code ?? "");
    if (cutsConnections && (CUT.includes(said) || /^ERR_SSL_\w*ALERT/.test(said))) return true;
    throw new Error(`a request failed, which is no refusal: ${said || String(error)}`, { cause: error });
  }
  const { status, body } = outcome.answer;
  if (status === 202) return false;
  if (status === 401 && body.error?.code === code) return true;
  throw new Error(`a gateway answered ${status} ${body.error?.code ?? ""}, which is not ${code}`);
}
