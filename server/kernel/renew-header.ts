/**
 * The header of an answer to an agent that names the purposes, separated by commas, whose certificates it should renew
 * now: their authority is no longer to be relied on.
 */
export const RENEW_HEADER = "vigil-renew";
