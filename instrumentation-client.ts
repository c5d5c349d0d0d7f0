/**
 * Runs in the browser before anything else of ours. zod probes for `new Function`, which the page's content
 * security policy forbids and reports; without the probe it works the same, interpreted.
 */
const settings = globalThis as { __zod_globalConfig?: { jitless?: boolean } };
settings.__zod_globalConfig = { ...settings.__zod_globalConfig, jitless: true };
