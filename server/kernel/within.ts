import { UnavailableError } from "./errors.ts";

/**
 * Waits for `work` no longer than `ms`. The work itself goes on; its late end is nobody's any more.
 *
 * @throws UnavailableError `took_too_long`, naming `what`.
 */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new UnavailableError("took_too_long", `${what} took longer than ${ms} ms.`)),
      ms,
    );
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
