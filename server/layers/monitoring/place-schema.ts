import { z } from "zod";

/** What kind a place is: agents may move between the bank's own data centres at once, and nowhere else. */
export const PLACE_KINDS = ["data-centre", "other"] as const;
export const PLACES_MAX = 2_000;

/** An address prefix: `10.20.0.0/16` or `2001:db8::/48`. */
export const networkPrefix = z
  .string()
  .trim()
  .max(50)
  .refine(isPrefix, "A network as address/length, such as 10.20.0.0/16 or 2001:db8::/48.");

export const place = z.object({
  id: z.uuid(),
  name: z.string(),
  country: z.string(),
  latitude: z.number(),
  longitude: z.number(),
  prefix: z.string(),
  kind: z.enum(PLACE_KINDS),
});
export type Place = z.infer<typeof place>;

export const addPlaceInput = z.object({
  name: z.string().trim().min(1).max(80),
  /** ISO 3166-1 alpha-2. */
  country: z
    .string()
    .trim()
    .regex(/^[A-Za-z]{2}$/, "Two letters, such as DE.")
    .transform((code) => code.toUpperCase()),
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  prefix: networkPrefix,
  kind: z.enum(PLACE_KINDS).default("other"),
});
export type AddPlaceInput = z.input<typeof addPlaceInput>;

function isPrefix(text: string): boolean {
  return z.cidrv4().safeParse(text).success || z.cidrv6().safeParse(text).success;
}
