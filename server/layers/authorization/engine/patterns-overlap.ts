const STAR = 42;
const DOT = 46;
const COLON = 58;

/**
 * Whether some action's name matches both patterns. `*` is any run of characters without `.` and `:`, as in
 * `action-pattern.ts`. Quadratic in the patterns' length at most.
 */
export function patternsOverlap(a: string, b: string): boolean {
  if (!sharesStart(a, b)) return false;
  // above[j]: whether the part of `a` read so far and the first j characters of `b` share a name.
  let above = new Uint8Array(b.length + 1);
  let row = new Uint8Array(b.length + 1);
  for (let i = 0; i <= a.length; i++) {
    const left = i > 0 ? a.charCodeAt(i - 1) : 0;
    for (let j = 0; j <= b.length; j++) {
      const right = j > 0 ? b.charCodeAt(j - 1) : 0;
      row[j] = sharesUpTo(
        left,
        right,
        above[j] ?? 0,
        (j > 0 && row[j - 1]) || 0,
        (j > 0 && above[j - 1]) || 0,
      );
    }
    if (i === 0) fillStart(row, b);
    [above, row] = [row, above];
  }
  return above[b.length] === 1;
}

/** Whether two patterns are the same up to the first `*` in either: without that they share no name. */
export function sharesStart(a: string, b: string): boolean {
  const plain = firstStar(a, b);
  return a.slice(0, plain) === b.slice(0, plain);
}

/** One place of the table: `left` and `right` are the characters read last, 0 where none was. */
function sharesUpTo(left: number, right: number, up: number, back: number, both: number): 0 | 1 {
  if (left === STAR && (up || (back && isRun(right)))) return 1;
  if (right === STAR && (back || (up && isRun(left)))) return 1;
  return left !== 0 && left === right && both ? 1 : 0;
}

/** Nothing of the first pattern shares with a start of the second that may be empty: stars alone. */
function fillStart(row: Uint8Array, b: string): void {
  row[0] = 1;
  for (let j = 1; j <= b.length; j++) row[j] = row[j - 1] === 1 && b.charCodeAt(j - 1) === STAR ? 1 : 0;
}

/** What a `*` may stand for: anything but what parts a name. */
function isRun(character: number): boolean {
  return character !== 0 && character !== DOT && character !== COLON;
}

function firstStar(a: string, b: string): number {
  const at = [a.indexOf("*"), b.indexOf("*"), a.length, b.length].filter((place) => place >= 0);
  return Math.min(...at);
}
