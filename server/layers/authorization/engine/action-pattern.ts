/**
 * Whether an action's name matches a pattern. `*` stands for any run of characters, none included, within
 * one part of the name; parts are parted by `.` and `:`. So `accounts.read*` covers `accounts.read` and
 * `accounts.read_balance` but not `accounts.read.delete`, and `*:Get*` covers `s3:GetObject` alone.
 * Case matters. Linear in pattern × name, whatever an agent sends.
 */
export function matchesPattern(pattern: string, action: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let resume = 0;
  while (from < action.length) {
    const wanted = pattern[at];
    const seen = action[from];
    if (wanted === "*") {
      star = at++;
      resume = from;
    } else if (wanted === seen) {
      at++;
      from++;
    } else if (star >= 0 && !isSeparator(action[resume])) {
      at = star + 1;
      from = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}

/** How many characters of a pattern are literal: of two that match, the one with more decides. */
export function specificity(pattern: string): number {
  return pattern.length - pattern.split("*").length + 1;
}

function isSeparator(character: string | undefined): boolean {
  return character === "." || character === ":";
}
