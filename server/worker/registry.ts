import type { Duty } from "./duty.ts";

/** Every duty of the worker, one file each. */
export const DUTIES: readonly Duty[] = [];
