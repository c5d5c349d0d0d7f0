import pino, { type DestinationStream, type Logger } from "pino";
import { describeError } from "./describe-error.ts";

/**
 * A process's log. Errors are described by name and place: a driver's own words hold the values of the query
 * that failed, which are secrets and customers' data.
 */
export function makeLog(
  level: string,
  base: Record<string, string>,
  destination?: DestinationStream,
): Logger {
  const options = { level, base, serializers: { err: describeError } };
  return destination ? pino(options, destination) : pino(options);
}
