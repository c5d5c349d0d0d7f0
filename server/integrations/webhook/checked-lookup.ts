import { lookup as resolve } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { refuseAddress } from "./refuse-address.ts";

export class RefusedAddress extends Error {
  override readonly name = "RefusedAddress";
}

/** A host that is an address is judged here; a name is judged by `checkedLookup`. @throws RefusedAddress. */
export function refuseLiteral(url: URL, allowPrivate: boolean): void {
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  const refusal = isIP(literal) ? refuseAddress(literal, allowPrivate) : null;
  if (refusal) throw new RefusedAddress(refusal);
}

/** Resolves a name and refuses it when any of its addresses is refused, so that no answer can be slipped in between. */
export function checkedLookup(allowPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, "", 0);
      for (const { address } of addresses) {
        const refusal = refuseAddress(address, allowPrivate);
        if (refusal) return callback(new RefusedAddress(refusal), "", 0);
      }
      const [first] = addresses;
      if (!first) return callback(new RefusedAddress("its name has no address"), "", 0);
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

/** Why a sending failed, in fixed words: an answer of the other side never reaches the screen. */
export function explainFailure(error: unknown, withinMs: number): string {
  if (error instanceof RefusedAddress) return `Vigil does not send to this address: ${error.message}.`;
  const { name, code } = error as { name?: string; code?: string };
  if (name === "TimeoutError" || name === "AbortError") return `No answer within ${withinMs / 1_000} s.`;
  return `The connection failed${code ? ` (${code})` : ""}.`;
}
