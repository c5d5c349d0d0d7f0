import type { Logger } from "pino";

/**
 * Does the work for each row, one after the other: a row that fails is logged and keeps none of the others
 * from their turn. A lost lease ends it at once.
 *
 * @throws the first failure, after all rows had their turn.
 */
export async function eachOf<Row extends { id: string }>(
  rows: readonly Row[],
  log: Logger,
  work: (row: Row) => Promise<unknown>,
): Promise<void> {
  let first: unknown;
  for (const row of rows) {
    try {
      await work(row);
    } catch (error) {
      if ((error as { code?: string }).code === "lease_lost") throw error;
      log.error({ err: error, row: row.id }, "a row could not be worked on");
      first ??= error;
    }
  }
  if (first) throw first;
}
