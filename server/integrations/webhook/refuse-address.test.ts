import { describe, expect, test } from "vitest";
import { refuseAddress } from "./refuse-address.ts";

const INSIDE = [
  "127.0.0.1",
  "127.9.9.9",
  "10.0.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "100.64.0.1",
  "198.19.0.1",
  "::1",
  "fd00::1",
  "::ffff:127.0.0.1",
  "::ffff:10.1.2.3",
  "::ffff:7f00:1",
];
const NEVER = [
  "169.254.169.254",
  "0.0.0.0",
  "224.0.0.1",
  "255.255.255.255",
  "fe80::1",
  "ff02::1",
  "::",
  "::ffff:169.254.169.254",
  "64:ff9b::a9fe:a9fe",
  "2002:7f00:1::",
  "2001:0:1::",
  "192.0.2.1",
  "not-an-ip",
  "",
];
const OUTSIDE = ["93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:2800:220:1::1", "::ffff:93.184.216.34"];

describe("where deliveries may go", () => {
  test.each(INSIDE)("%s only when the administrator has marked the destination as inside", (address) => {
    expect(refuseAddress(address, false)).toMatch(/loopback or private/);
    expect(refuseAddress(address, true)).toBeNull();
  });

  test.each(NEVER)("%s never", (address) => {
    expect(refuseAddress(address, false)).not.toBeNull();
    expect(refuseAddress(address, true)).not.toBeNull();
  });

  test.each(OUTSIDE)("%s always", (address) => {
    expect(refuseAddress(address, false)).toBeNull();
  });
});
