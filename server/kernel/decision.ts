/** One named check of a decision. `detail` is a whole sentence for a person: the screens show it verbatim. */
export type Check = { id: string; passed: boolean; detail: string };

/** A decision with its reasons: what every engine that permits or refuses returns. */
export type Decision<Outcome extends string = "allow" | "deny"> = { outcome: Outcome; checks: Check[] };

/** A check that is said in one sentence where it passed and in another where it did not. */
export function verdict(id: string, passed: boolean, yes: string, no: string): Check {
  return { id, passed, detail: passed ? yes : no };
}
