/** What became of one agent's recorded calls; `reasons` counts refusals by their code. */
export type ImportTally = {
  agent: string;
  read: number;
  admitted: number;
  refused: number;
  reasons: Record<string, number>;
};

export type ImportSummary = {
  read: number;
  malformed: number;
  agents: number;
  admitted: number;
  refused: number;
  reasons: Record<string, number>;
  /** Whether every call that was read was either admitted or refused. */
  reconciled: boolean;
};

/** Adds the agents' counts up and says whether nothing went missing between reading and answering. */
export function reconcile(read: number, malformed: number, tallies: readonly ImportTally[]): ImportSummary {
  const sum = (key: "read" | "admitted" | "refused") =>
    tallies.reduce((total, tally) => total + tally[key], 0);
  const reasons: Record<string, number> = {};
  for (const tally of tallies)
    for (const [code, count] of Object.entries(tally.reasons)) reasons[code] = (reasons[code] ?? 0) + count;
  const counted = Object.values(reasons).reduce((a, b) => a + b, 0);
  const reconciled =
    sum("read") === read &&
    counted === sum("refused") &&
    tallies.every((t) => t.read === t.admitted + t.refused);
  return {
    read,
    malformed,
    agents: tallies.length,
    admitted: sum("admitted"),
    refused: sum("refused"),
    reasons,
    reconciled,
  };
}

/** One line for one agent. */
export function tallyLine({ agent, read, admitted, refused, reasons }: ImportTally): string {
  const why = Object.entries(reasons).map(([code, count]) => `${count} ${code}`);
  return `${agent}: ${read} read, ${admitted} admitted, ${refused} refused${why.length ? ` (${why.join(", ")})` : ""}`;
}
