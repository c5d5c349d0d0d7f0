import { BlockList, isIP } from "node:net";

type Range = readonly [net: string, prefix: number];

/** Never a destination, whoever allows it: link-local (cloud metadata), multicast, unspecified, reserved. */
const NEVER: { ipv4: Range[]; ipv6: Range[] } = {
  ipv4: [
    ["0.0.0.0", 8],
    ["169.254.0.0", 16],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
  ],
  ipv6: [
    ["::", 128],
    ["100::", 64],
    ["2001::", 32],
    ["2001:db8::", 32],
    ["2002::", 16],
    ["fe80::", 10],
    ["ff00::", 8],
    ["64:ff9b::", 96],
    ["64:ff9b:1::", 48],
  ],
};

/** Inside the bank: only where an administrator has said so of this destination. */
const PRIVATE: { ipv4: Range[]; ipv6: Range[] } = {
  ipv4: [
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["172.16.0.0", 12],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
  ],
  ipv6: [
    ["::1", 128],
    ["fc00::", 7],
  ],
};

const never = blockList(NEVER);
const inside = blockList(PRIVATE);

/**
 * Why Vigil does not send to an address; null where it does. An IPv4 address in IPv6 clothes is judged as
 * the IPv4 address it is.
 */
export function refuseAddress(address: string, allowPrivate: boolean): string | null {
  const kind = isIP(address);
  if (kind === 0) return "it is not an address";
  const family = kind === 4 ? "ipv4" : "ipv6";
  if (never.check(address, family)) return "it is link-local, multicast or reserved";
  if (!allowPrivate && inside.check(address, family))
    return "it is loopback or private, and the destination is not marked as inside the bank's network";
  return null;
}

function blockList(ranges: { ipv4: Range[]; ipv6: Range[] }): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of ranges.ipv4) list.addSubnet(net, prefix, "ipv4");
  for (const [net, prefix] of ranges.ipv6) list.addSubnet(net, prefix, "ipv6");
  return list;
}
