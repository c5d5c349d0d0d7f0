import { AMOUNT_DECIMALS_MAX } from "../limits-schema.ts";

/**
 * A sum in ten-thousandths, exactly: `5000.01` is 50000100n. Sums are never binary fractions, whose last digit lies.
 *
 * @param text as `amount` of the limits' schema allows.
 */
export function sumUnits(text: string): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(AMOUNT_DECIMALS_MAX, "0"));
}

/** The text of a sum in ten-thousandths, with two decimals or, where it needs them, up to four. */
export function sumText(units: bigint): string {
  const digits = units.toString().padStart(AMOUNT_DECIMALS_MAX + 1, "0");
  const fraction = digits.slice(-AMOUNT_DECIMALS_MAX).replace(/0{1,2}$/, "");
  return `${digits.slice(0, -AMOUNT_DECIMALS_MAX)}.${fraction}`;
}

/** Whether one sum is more than another. */
export function isMore(sum: string, than: string): boolean {
  return sumUnits(sum) > sumUnits(than);
}
