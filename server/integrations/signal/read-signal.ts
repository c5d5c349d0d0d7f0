import type { Json } from "../../kernel/canonical.ts";
import type { ReadSignal, SignalKind } from "../../layers/monitoring/signal-schema.ts";
import { readDatadog } from "../datadog/read-datadog.ts";
import { readFalco } from "../falco/read-falco.ts";
import { readSysdig } from "../sysdig/read-sysdig.ts";
import { readGeneric } from "./read-generic.ts";

const READERS: Readonly<Record<SignalKind, (payload: Json) => ReadSignal>> = {
  falco: readFalco,
  falcosidekick: readFalco,
  datadog: readDatadog,
  sysdig: readSysdig,
  generic: readGeneric,
};

/** One event of a source of this kind: read, or why it cannot be. @param payload attacker-controlled. */
export function readSignal(kind: SignalKind, payload: Json): ReadSignal {
  return READERS[kind](payload);
}
