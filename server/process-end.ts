/**
 * Ends a process cleanly, once: on SIGTERM or SIGINT, and when the supervisor that started it is gone
 * (its channel closes even when it was killed), so that no process outlives its system.
 */
export function endWithParent(close: () => Promise<void>): void {
  let ending = false;
  const end = async () => {
    if (ending) return;
    ending = true;
    const force = setTimeout(() => process.exit(1), 10_000);
    force.unref();
    await close().catch(() => undefined);
    process.exit(0);
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  if (process.channel) process.on("disconnect", end);
}

/** Whether this file is the program that was started, rather than imported: `import.meta.main` where Node is older than 24.2. */
export function isProgram(file: string): boolean {
  return process.argv[1] === file;
}
