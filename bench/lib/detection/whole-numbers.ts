/** Texts of a command line as whole numbers from 0 on, or null when one of them is none. */
export function wholeNumbers(texts: readonly (string | undefined)[]): number[] | null {
  const numbers = texts.map((text) => (text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null));
  return numbers.every((number) => number !== null) ? numbers : null;
}
