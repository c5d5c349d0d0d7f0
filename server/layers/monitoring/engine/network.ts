import { isIPv4, isIPv6 } from "node:net";

const REMEMBERED_MAX = 10_000;
const remembered = new Map<string, string>();

/**
 * The network an address is in: /24 for IPv4, /48 for IPv6, `unknown` where there is none. An agent that
 * stops naming its address is thereby seen from a new network.
 */
export function networkOf(address: string | undefined): string {
  if (!address) return "unknown";
  const known = remembered.get(address);
  if (known) return known;
  const network = readNetwork(address);
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(address, network);
  return network;
}

function readNetwork(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  if (isIPv4(plain)) return `${plain.slice(0, plain.lastIndexOf("."))}.0/24`;
  if (!isIPv6(plain)) return "unknown";
  const [head = "", tail = ""] = (plain.split("%")[0] ?? "").toLowerCase().split("::");
  const left = head ? head.split(":") : [];
  const right = tail ? tail.split(":") : [];
  const zeros = plain.includes("::") ? Array(Math.max(0, 8 - left.length - right.length)).fill("0") : [];
  const groups = [...left, ...zeros, ...right]
    .slice(0, 3)
    .map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(":")}::/48`;
}
