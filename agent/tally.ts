import type { AdmissionAnswer } from "../server/layers/monitoring/action.ts";
import type { AgentError } from "./errors.ts";

/** What became of everything that was reported. */
export type Tally = {
  sent: number;
  admitted: number;
  refused: number;
  requests: number;
  /** How many actions were refused, by code. */
  byReason: Record<string, number>;
};

/** Counts answers and refusals of whole requests. */
export function createTally(): {
  count: (sent: number, answer: AdmissionAnswer) => void;
  countRefused: (sent: number, error: AgentError) => void;
  tally: Tally;
} {
  const tally: Tally = { sent: 0, admitted: 0, refused: 0, requests: 0, byReason: {} };
  const refuse = (code: string, count: number) => {
    tally.refused += count;
    tally.byReason[code] = (tally.byReason[code] ?? 0) + count;
  };
  return {
    tally,
    count: (sent, answer) => {
      tally.requests += 1;
      tally.sent += sent;
      tally.admitted += answer.admitted;
      for (const { code } of answer.refused) refuse(code, 1);
    },
    countRefused: (sent, error) => {
      tally.requests += 1;
      tally.sent += sent;
      refuse(error.code, sent);
    },
  };
}
