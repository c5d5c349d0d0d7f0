import type { WindowFeatures } from "../schema.ts";
import { countDistinct } from "./distinct.ts";
import { emptySlice, mergeSlices, type Slice, transitionsOf } from "./slice.ts";

const BYTES_PER_MEGABYTE = 1_000_000;

/** Features of the one-minute window made of these slices (six of ten seconds; those without traffic are left out). */
export function featuresOf(slices: readonly Slice[]): WindowFeatures {
  const window = slices.reduce(mergeSlices, emptySlice());
  const transitions = transitionsOf(window);
  return {
    apiCallsPerMinute: window.calls,
    dataMegabytes: window.bytes / BYTES_PER_MEGABYTE,
    uniqueEndpoints: countDistinct(window.endpoints),
    bytesPerCall: window.calls === 0 ? 0 : window.bytes / window.calls,
    refusedRatio: window.calls === 0 ? 0 : window.refused / window.calls,
    late: window.late,
    networks: networkCounts(window),
    transitions: transitions.n,
    transitionsOther: transitions.other,
  };
}

/** What a window of history looks like, from plain numbers. */
export function featuresOfImport(window: {
  calls: number;
  megabytes: number;
  endpoints: number;
  refused: number;
  networks?: Record<string, number> | undefined;
  transitions?: Record<string, number> | undefined;
}): WindowFeatures {
  const { calls, megabytes, endpoints, refused } = window;
  return {
    apiCallsPerMinute: calls,
    dataMegabytes: megabytes,
    uniqueEndpoints: endpoints,
    bytesPerCall: calls === 0 ? 0 : (megabytes * BYTES_PER_MEGABYTE) / calls,
    refusedRatio: calls === 0 ? 0 : Math.min(1, refused / calls),
    late: 0,
    networks: window.networks ?? {},
    transitions: window.transitions ?? {},
    transitionsOther: 0,
  };
}

/** Networks beyond those kept by name count as one that no baseline knows. */
function networkCounts({ networks }: Slice): Record<string, number> {
  return networks.other > 0 ? { ...networks.n, "(more networks)": networks.other } : networks.n;
}
