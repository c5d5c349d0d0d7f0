/** Texts of a command line as whole numbers from 0 on, or null when one of them is none. */
export function wholeNumbers(texts: readonly (string | undefined)[]): number[] | null {
  const numbers = texts.map((text) => (text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null));
  return numbers.every((number) => number !== null) ? numbers : null;
}

/** Whole numbers of an option on this process's command line, by commas; null where the option is not there. */
export function askedNumbers(option: string): number[] | null {
  const at = process.argv.indexOf(`--${option}`);
  if (at < 0) return null;
  const numbers = wholeNumbers((process.argv[at + 1] ?? "").split(","));
  if (!numbers) throw new Error(`--${option} takes whole numbers, by commas`);
  return numbers;
}
