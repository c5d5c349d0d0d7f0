import { AMOUNT_DECIMALS_MAX } from "../limits-schema.ts";

/** Which of two sums of one currency is more: positive where the first is. Exact: no binary fractions. */
export function compareAmount(a: string, b: string): number {
  const difference = units(a) - units(b);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

function units(amount: string): bigint {
  const [whole = "0", part = ""] = amount.split(".");
  return BigInt(whole + part.padEnd(AMOUNT_DECIMALS_MAX, "0"));
}
