/** `typ` of the signed statement inside a callback, so that no other signature of Vigil can be taken for one. */
export const CALLBACK_TYPE = "vigil-callback+jwt";
/** Media type of a callback's body: a JWE in compact form (RFC 7516 §3.1). */
export const CALLBACK_MEDIA_TYPE = "application/jose";
/** Key agreement over the agent's encryption key and content encryption (RFC 7518 §4.6, §5.3). */
export const CALLBACK_ALGORITHMS = { key: "ECDH-ES+A256KW", content: "A256GCM" } as const;
/** A statement is believed this long after it was made, ms: what is older is a replay or a clock gone wrong. */
export const CALLBACK_AGE_MS_MAX = 300_000;
/** Name of the key that signs callbacks, in the worker's key store. */
export const CALLBACK_KEY = "callback";

/** What an agent is told. `id` is the same each time it is told again. */
export type CallbackMessage = { id: string; topic: string; createdAt: string; data: Record<string, unknown> };
