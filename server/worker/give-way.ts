import { setPriority } from "node:os";

const NICENESS = 5;

/**
 * Lets the doors go first where processor time is short: a duty that is a moment late is caught up with, an agent
 * that waits is not. It still gets a quarter of a contended core.
 */
export function giveWay(): void {
  setPriority(NICENESS);
}
