/**
 * Whether some action's name matches both patterns. `*` is any run of characters without `.` and `:`, as in
 * `action-pattern.ts`. Quadratic in the patterns' length at most.
 */
export function patternsOverlap(a: string, b: string): boolean {
  const plain = firstStar(a, b);
  if (a.slice(0, plain) !== b.slice(0, plain)) return false;
  // reach[j]: whether the part of `a` read so far and the first j characters of `b` share a name.
  let reach: boolean[] = [];
  for (let i = 0; i <= a.length; i++) {
    const row: boolean[] = [];
    for (let j = 0; j <= b.length; j++) row[j] = sharesUpTo(a, b, i, j, reach, row);
    reach = row;
  }
  return reach[b.length] === true;
}

function sharesUpTo(a: string, b: string, i: number, j: number, above: boolean[], row: boolean[]): boolean {
  if (i === 0 && j === 0) return true;
  const left = i > 0 ? a[i - 1] : undefined;
  const right = j > 0 ? b[j - 1] : undefined;
  const up = above[j] === true;
  const back = row[j - 1] === true;
  if (left === "*" && (up || (back && isRun(right)))) return true;
  if (right === "*" && (back || (up && isRun(left)))) return true;
  return left !== undefined && left === right && above[j - 1] === true;
}

/** What a `*` may stand for: anything but what parts a name. */
function isRun(character: string | undefined): boolean {
  return character !== undefined && character !== "." && character !== ":";
}

function firstStar(a: string, b: string): number {
  const at = [a.indexOf("*"), b.indexOf("*"), a.length, b.length].filter((place) => place >= 0);
  return Math.min(...at);
}
