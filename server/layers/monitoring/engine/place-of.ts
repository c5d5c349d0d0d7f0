import { BlockList, isIPv4, isIPv6 } from "node:net";
import type { Place } from "../place-schema.ts";

/** Finds the place of an address: that of the longest prefix which holds it, or null. */
export type PlaceFinder = (address: string) => Place | null;

/** Makes a finder over these places; a prefix that cannot be read is nowhere. */
export function placesOf(places: readonly Place[]): PlaceFinder {
  const networks = places.flatMap((place) => {
    const [address = "", length = ""] = place.prefix.split("/");
    const bits = Number(length);
    const family = familyOf(address);
    if (!family || !Number.isInteger(bits)) return [];
    const list = new BlockList();
    list.addSubnet(address, bits, family);
    return [{ place, bits, family, list }];
  });
  networks.sort((a, b) => b.bits - a.bits || (a.place.id < b.place.id ? -1 : 1));
  return (raw) => {
    const address = plainAddress(raw);
    const family = familyOf(address);
    if (!family) return null;
    return networks.find((one) => one.family === family && one.list.check(address, family))?.place ?? null;
  };
}

/** An IPv4 address that a socket writes as an IPv6 one, as itself. */
export function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

function familyOf(address: string): "ipv4" | "ipv6" | null {
  if (isIPv4(address)) return "ipv4";
  return isIPv6(address) ? "ipv6" : null;
}
