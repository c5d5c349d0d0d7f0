import { z } from "zod";

export const RESOURCES_MAX = 20;
/** Of all resources together: a token that carries them must fit into a header. */
export const RESOURCE_CHARS_TOTAL_MAX = 2_000;
export const AMOUNT_DECIMALS_MAX = 4;

/** A sum of money as a decimal, never as a binary fraction: `5000.00`. */
export const amount = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,12})(\.[0-9]{1,4})?$/, "a sum such as 5000 or 5000.00, without a sign");

/** ISO 4217. */
export const currency = z.string().regex(/^[A-Z]{3}$/, "three capital letters, such as USD");

/**
 * What an action names, or everything below it where it ends in `/*`: then nothing else in it is a `*`, and no part of
 * it is `.` or `..`, so that what is below it can be told from the text alone.
 */
export const resourcePattern = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, "visible characters without spaces, at most 200")
  .refine((text) => !/\*(?!$)|(?<!\/)\*$/.test(text), "a star stands at the end alone, as /*")
  .refine((text) => !/(^|\/)\.{1,2}\//.test(text), "no part of it is one dot or two");

const amountLimit = z.object({ max: amount, currency }).strict();

/**
 * What a grant allows beyond its scope's name (RFC 9396 carries it in the token): no action moves more than `amount`,
 * and every action names one of `resources`. What is absent does not limit.
 */
export const grantLimits = z
  .object({
    amount: amountLimit.optional(),
    resources: z
      .array(resourcePattern)
      .min(1)
      .max(RESOURCES_MAX)
      .refine((all) => all.join("").length <= RESOURCE_CHARS_TOTAL_MAX, "at most 2,000 characters in all")
      .optional(),
  })
  .strict();
export type GrantLimits = z.infer<typeof grantLimits>;

/** As `grantLimits`, after several were put together: more patterns may be left than one may ask for, or none. */
export const keptLimits = z
  .object({ amount: amountLimit.optional(), resources: z.array(resourcePattern).optional() })
  .strict();
