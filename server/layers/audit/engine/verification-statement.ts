import type { TreeResult } from "./check-tree.ts";

/** What a verification did, from which its statement is made. */
export type VerificationFacts = {
  toSeq: number;
  headSeq: number;
  /** Entry from which it was in fact walked: the checkpoint in front of `fromSeq`. */
  anchoredAt: number;
  checked: number;
  tree: TreeResult;
  keysFrom: "given" | "database";
  keyIds: readonly string[];
  copies: { given: boolean; used: number; untrusted: number };
  signatures: { checked: number; asked: boolean };
  waiting: { count: number; oldestSeconds: number | null };
  dropped: number;
};

/** What was checked and what was not, in sentences for a person: a verification says how far it can be trusted. */
export function verificationStatement(facts: VerificationFacts): string[] {
  const { tree, copies, signatures, waiting } = facts;
  if (facts.headSeq === 0 && waiting.count === 0)
    return ["The log is empty: there was nothing to verify, and that says nothing about its integrity."];
  const said = [
    `Checked: ${facts.checked} entries, numbers ${facts.anchoredAt + 1} to ${facts.toSeq} of ${facts.headSeq}: each record's text against its digest and columns, each entry's hash and its link to the one before, order, gaps and clocks.`,
    facts.anchoredAt > 0
      ? `The range begins behind the signed checkpoint of ${facts.anchoredAt} entries; what lies before it was not checked.`
      : "The range begins with the first entry.",
    tree.matched > 0
      ? `Checked: ${tree.matched} signed checkpoints, the last of ${tree.matchedSize} entries, were recomputed from the entries.`
      : "Not proved: no signed checkpoint was matched, so a log rewritten as a whole would not show.",
  ];
  const unsigned = facts.toSeq - tree.matchedSize;
  if (unsigned > 0)
    said.push(
      `Not signed yet: the last ${unsigned} entries are chained, and no matched checkpoint covers them.`,
    );
  said.push(
    facts.keysFrom === "given"
      ? `The checkpoint keys ${facts.keyIds.join(", ")} came from outside the database.`
      : "The checkpoint keys were taken from the database itself: who can change it could have put in their own. Give the key you noted elsewhere.",
  );
  said.push(copySentence(copies));
  said.push(
    signatures.asked
      ? `Checked: the agents' signatures of ${signatures.checked} requests, with the keys registered in the database; each key is the one that the chained record names.`
      : "Not checked: the agents' signatures.",
  );
  if (waiting.count > 0)
    said.push(
      `Not chained yet: ${waiting.count} records, the oldest for ${Math.round(waiting.oldestSeconds ?? 0)} s.`,
    );
  if (facts.dropped > 0) said.push(`${facts.dropped} more findings are not listed.`);
  return said;
}

function copySentence({ given, used, untrusted }: VerificationFacts["copies"]): string {
  if (!given)
    return "Not compared: no copy of the checkpoints from outside the database was given, so a log that was cut together with its checkpoints would not show.";
  const bad =
    untrusted > 0 ? ` ${untrusted} of its lines were not signed by a known key and prove nothing.` : "";
  return `Compared: ${used} checkpoints copied outside the database.${bad}`;
}
