import type { ResponseLevel } from "#server/layers/monitoring/schema.ts";

/** What is done to an agent at each level of the response. */
export const LEVEL_WORDS: Record<ResponseLevel, string> = {
  none: "no response",
  record: "recorded",
  limit: "limited, watched",
  contain: "contained",
};
