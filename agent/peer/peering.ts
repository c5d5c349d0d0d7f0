import { z } from "zod";
import type { Purpose } from "../../server/layers/identity/schema.ts";
import type { Action } from "../../server/layers/monitoring/action.ts";
import { refusalOf } from "../answer.ts";
import type { Connection } from "../connection.ts";
import type { Credential, Identity } from "../state.ts";
import { type Patience, untilAnswered } from "../until-answered.ts";
import { fetchTrust } from "./fetch-trust.ts";
import { type KeptTrust, keepTrust } from "./keep-trust.ts";

export const decisionAnswer = z.object({
  outcome: z.enum(["allow", "deny"]),
  checks: z.array(z.object({ id: z.string(), passed: z.boolean(), detail: z.string() })),
  agent: z.string().nullable(),
  boundTo: z.string().nullable(),
  /** The key whose proof the token asks for as well (RFC 9449). */
  jkt: z.string().nullish(),
});
/** What a call is about, in the words of an action: what a grant's limits are compared with. */
export type Touched = Partial<
  Pick<Action, "endpoint" | "transactionId" | "subjects" | "dataAccessed" | "details">
>;
export type DecisionAnswer = z.infer<typeof decisionAnswer>;

/** What an agent needs to speak with other agents. */
export type Peering = {
  identity: Identity;
  transport: () => Credential;
  /** Tells of each new transport certificate. @returns what ends it. */
  onNewTransport: (listener: () => void) => () => void;
  /** What peers are judged against, kept fresh. */
  trust: KeptTrust;
  /** A token to show to a peer. */
  bearer: (scopes?: readonly string[]) => Promise<string>;
  /** Asks the gateway whether the holder of this token may do this to this agent. @throws AgentError its refusal, `unreachable`. */
  decide: (question: Touched & { token: string; action: string }) => Promise<DecisionAnswer>;
  now: () => Date;
};

/** A caller waits for the answer: the gateway has this long. */
const DECISION_MS_MAX = 3_000;

/** Composes what the agent has. `listeners` are called by whoever renews. */
export function createPeering(parts: {
  identity: Identity;
  transport: () => Credential;
  connection: () => Connection;
  listeners: Set<() => void>;
  bearer: (scopes?: readonly string[]) => Promise<string>;
  trustFreshMs?: number | undefined;
  purpose?: Purpose;
  signal: AbortSignal;
  now: () => Date;
}): Peering {
  const { identity, transport, connection, listeners, bearer, signal, now } = parts;
  const url = new URL("/v1/decisions", identity.gatewayUrl).href;
  const patience = (): Patience => ({ until: new Date(now().getTime() + DECISION_MS_MAX), now, signal });
  return {
    ...{ identity, transport, bearer, now },
    trust: keepTrust(() => fetchTrust(identity, parts.purpose ?? "transport"), parts.trustFreshMs),
    onNewTransport: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    decide: async (question) => {
      const body = JSON.stringify({ ...question, peer: identity.agent });
      const headers = { "content-type": "application/json" };
      const answer = await untilAnswered(
        () => connection().send({ method: "POST", url, headers, body }),
        patience(),
      );
      if (answer.status !== 200) throw refusalOf(answer);
      return decisionAnswer.parse(answer.body);
    },
  };
}
