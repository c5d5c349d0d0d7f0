import { BlockList, isIP } from "node:net";

/**
 * The field in which a hop forwards its client's certificate: RFC 9440's `Client-Cert`, or `X-Forwarded-Client-Cert`.
 * A proxy replaces the one it knows and may pass the other on from anybody, so each hop is believed in its own alone.
 */
export const HOP_FIELDS = { "client-cert": "client-cert", xfcc: "x-forwarded-client-cert" } as const;
export type HopField = keyof typeof HOP_FIELDS;

/** Proxies that may speak for the agents whose TLS they ended. */
export type TrustedHops = {
  /** At least one: SHA-256 of the hop's own certificate (DER), lower-case hex, and the one field it forwards with. */
  pins: readonly { sha256: string; field: HopField }[];
  /** Networks a hop must also come from, as they were written; none means any. */
  networks: readonly string[];
};

/**
 * Reads a list such as `xfcc=sha256:9f86…, 10.20.0.0/16`: pins with their field, and networks, separated by commas. An address alone never
 * makes a hop: whoever shares its network would be believed to be any agent.
 *
 * @returns the hops, or one sentence that says what is wrong.
 */
export function parseTrustedHops(text: string): TrustedHops | string {
  const pins: TrustedHops["pins"][number][] = [];
  const networks: string[] = [];
  for (const item of text.split(",").map((part) => part.trim())) {
    const [, named, pin] = PIN.exec(item) ?? [];
    const field = named?.toLowerCase();
    if (pin && field && field in HOP_FIELDS)
      pins.push({ sha256: pin.replaceAll(":", "").toLowerCase(), field: field as HopField });
    else if (isNetwork(item)) networks.push(item);
    else
      return `"${item.slice(0, 80)}" is neither client-cert=sha256:<64 hex digits of a hop's certificate>, or xfcc=sha256:<…> for one that sends X-Forwarded-Client-Cert, nor a network such as 10.20.0.0/16`;
  }
  if (pins.length === 0)
    return "needs the certificate of at least one hop, as client-cert=sha256:<64 hex digits> or xfcc=sha256:<…>; a network alone is no proof";
  return { pins, networks };
}

const PIN = /^(client-cert|xfcc)=sha256:((?:[0-9a-f]{2}:?){31}[0-9a-f]{2})$/i;

/** Whether an address lies in one of the hops' networks; where none is named, every address does. */
export function hopNetworks({ networks }: Pick<TrustedHops, "networks">): (address: string) => boolean {
  if (networks.length === 0) return () => true;
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits = ""] = network.split("/");
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? "ipv4" : "ipv6");
  }
  return (seen) => {
    const plain = seen.replace(/^::ffff:(?=\d+\.)/i, "");
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 4 ? "ipv4" : "ipv6");
  };
}

function isNetwork(text: string): boolean {
  const [address = "", bits, more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more !== undefined || bits === undefined || !/^\d{1,3}$/.test(bits)) return false;
  return Number(bits) <= (family === 4 ? 32 : 128);
}
